# tries: to leave folders that are too deep to be removed by name
# layer: mount-ns
# runs: 2
import os

if os.path.exists("/tmp/deep"):
    print("BREACH: found the folders")
os.mkdir("/tmp/deep")
os.chdir("/tmp/deep")
for _ in range(2000):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
