# tries: to get a name of its own for a file that is not its own
# layer: mount-ns
import os

for path in ("/usr/bin/python3", "/usr/bin/bash", "/etc/passwd", "/dev/null", "/proc/1/status"):
    for target in ("/tmp/linked", "/usr/linked"):
        try:
            os.link(path, target, follow_symlinks=False)
            print("BREACH: linked", path, "to", target)
        except OSError:
            pass
try:
    os.rename("/usr/bin/bash", "/tmp/bash")
    print("BREACH: moved bash")
except OSError:
    pass
