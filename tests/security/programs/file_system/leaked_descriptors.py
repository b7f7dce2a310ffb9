# tries: to use descriptors that the sandbox forgot to close
# layer: runner
import os

for number in range(4096):
    try:
        os.fstat(number)
    except OSError:
        continue
    what = os.readlink(f"/proc/self/fd/{number}")
    if number > 2 or not what.startswith(("pipe:", "/dev/null")):
        print("BREACH: holds", number, what)
