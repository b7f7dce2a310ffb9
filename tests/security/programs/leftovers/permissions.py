# tries: to leave files that nobody may remove
# layer: mount-ns
# runs: 2
import fcntl
import os

if os.path.exists("/tmp/locked") or os.stat("/tmp").st_mode & 0o7777 != 0o1777:
    print("BREACH: found the folder of another run")
os.makedirs("/tmp/locked/inner")
with open("/tmp/locked/inner/file", "w", encoding="ascii") as file:
    for flags in (0x10, 0x20):
        try:
            fcntl.ioctl(file, 0x40086602, flags.to_bytes(8, "little"))
        except OSError:
            pass
for path in ("/tmp/locked/inner", "/tmp/locked", "/tmp/work"):
    os.chmod(path, 0)
