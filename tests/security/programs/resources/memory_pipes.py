# tries: to hold memory in the pipes between its processes
# layer: tree-accounting
# outcome: ok|memory|nonzero
# limits: memory_mb=64 timeout_seconds=20 processes=32
import fcntl
import os
import signal

held = 0
children = []
for _ in range(15):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        own = 0
        try:
            for _ in range(28):
                _, end = os.pipe()
                try:
                    fcntl.fcntl(end, 1031, 1 << 20)
                except OSError:
                    pass
                os.set_blocking(end, False)
                try:
                    while True:
                        own += os.write(end, b"x" * 65536)
                except BlockingIOError:
                    pass
        except OSError:
            pass
        os.write(writer, own.to_bytes(8, "little"))
        signal.pause()
    children.append(child)
    held += int.from_bytes(os.read(reader, 8), "little")
if held > 128 << 20:
    print("BREACH: pipes hold", held >> 20, "MiB", flush=True)
for child in children:
    os.kill(child, 9)
