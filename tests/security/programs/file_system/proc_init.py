# tries: to read its init by /proc
# layer: runner
import os

for name in ("environ", "maps", "mem", "auxv", "syscall", "stack", "io", "smaps", "pagemap", "timers"):
    try:
        with open(f"/proc/1/{name}", "rb") as file:
            found = file.read(16)
            # A process that hides itself shows its variables as nothing.
            if found:
                print("BREACH: reads", name)
    except OSError:
        pass
for name in ("root", "cwd", "exe", "fd", "fdinfo", "map_files", "ns/pid"):
    path = f"/proc/1/{name}"
    try:
        print("BREACH: sees", path, os.listdir(path) if name in ("fd", "fdinfo", "map_files") else os.readlink(path))
    except OSError:
        pass
