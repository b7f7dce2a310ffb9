# tries: to hold memory in the buffers of socket pairs
# layer: tree-accounting
# outcome: memory
# limit: memory_mb
# limits: memory_mb=64 timeout_seconds=20 processes=32
import os
import socket
import time

for _ in range(15):
    if os.fork() == 0:
        held = []
        try:
            while True:
                held.append(socket.socketpair())
                for end in held[-1]:
                    end.setblocking(False)
                    try:
                        while True:
                            end.send(b"x" * 65536)
                    except BlockingIOError:
                        pass
        except OSError:
            time.sleep(30)
for _ in range(15):
    os.wait()
print("BREACH: holds all that it could")
