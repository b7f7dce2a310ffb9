# Links to whatever lies outside, under every name that a pattern could have.
import os

TARGETS = ("/etc/passwd", "/proc/1/root/etc/shadow", "/proc/1/environ", "/proc/self/fd", "/", "../../etc/passwd",
           "..", "/tmp/outside", "/tmp", ".", "/usr/bin/python3", "/dev/zero", "/proc/1/root/tmp/work")
with open("/tmp/outside", "w", encoding="utf-8") as file:
    file.write("SECRET of /tmp")
os.makedirs("out")
for number, target in enumerate(TARGETS):
    os.symlink(target, f"out/{number:02}")
os.symlink("/etc", "folder")
os.symlink("/tmp", "tmp")
os.symlink("loop", "loop")
