# tries: to find another run's files and processes while both live
# layer: mount-ns
# at-once: 3
import os
import time

for folder in ("/tmp", "/tmp/work", "/dev/shm"):
    with open(f"{folder}/mark-{os.urandom(8).hex()}", "w", encoding="ascii") as file:
        file.write("mark")
time.sleep(0.3)
found = [name for name in os.listdir("/tmp") + os.listdir("/tmp/work") if name.startswith("mark-")]
if len(found) != 3:
    print("BREACH: found", found)
if set(filter(str.isdigit, os.listdir("/proc"))) != {"1", "2"}:
    print("BREACH: sees another run's processes")
