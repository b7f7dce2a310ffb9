# tries: to gain rights by the host's set-uid programs and by one of its own
# layer: no-new-privs
import os
import shutil
import stat
import subprocess

shutil.copy("/usr/bin/bash", "/tmp/own")
os.chmod("/tmp/own", 0o6755)
paths = ["/tmp/own"] + [f"{folder}/{name}" for folder in ("/usr/bin", "/usr/sbin") for name in os.listdir(folder)]
for path in paths:
    try:
        mode = os.stat(path).st_mode
    except OSError:
        continue
    if mode & (stat.S_ISUID | stat.S_ISGID) and not os.statvfs(path).f_flag & os.ST_NOSUID:
        print("BREACH:", path, "lies where set-uid counts")
found = subprocess.run(["/tmp/own", "-p", "-c", "echo $EUID"], capture_output=True, text=True)
if found.stdout.strip() != str(os.getuid()):
    print("BREACH: its own set-uid program ran as", found.stdout)
with open("/proc/self/status", encoding="ascii") as file:
    status = dict(line.split(":", 1) for line in file)
if status["NoNewPrivs"].strip() != "1":
    print("BREACH: a program may give it new privileges")
