# tries: to leave files for the next run
# layer: mount-ns
# runs: 2
import os

for path in ("/tmp/left", "/tmp/work/left", "/dev/shm/left2", "/tmp/.hidden"):
    if os.path.exists(path):
        print("BREACH: found", path)
    with open(path, "w", encoding="ascii") as file:
        file.write("left")
