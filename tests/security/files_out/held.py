# Leaves processes that hold a file open, mapped, deleted, and that write for as long as they live.
import mmap
import os
import signal

for name in ("open", "mapped", "deleted"):
    with open(name, "wb") as file:
        file.write(b"x" * 5000)
if os.fork() == 0:
    os.setsid()
    held = open("open", "r+b", buffering=0)
    mapped = open("mapped", "r+b")
    memory = mmap.mmap(mapped.fileno(), 0)
    gone = open("deleted", "r+b", buffering=0)
    os.remove("deleted")
    os.open("locked", os.O_CREAT | os.O_WRONLY)
    os.write(1, b"held\n")
    while True:
        held.seek(0)
        held.write(b"y" * 5000)
        memory[:5000] = b"z" * 5000
        os.rename("locked", "moved")
        os.rename("moved", "locked")
signal.pause()
