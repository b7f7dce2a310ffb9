# tries: to end or stop its init
# layer: pid-ns
import os
import signal

handle = os.pidfd_open(os.getppid())
for number in range(1, 65):
    try:
        os.kill(1, number)
    except OSError:
        pass
    try:
        signal.pidfd_send_signal(handle, number)
    except OSError:
        pass
try:
    with open("/proc/1/stat", encoding="ascii") as file:
        state = file.read().rpartition(")")[2].split()[0]
except PermissionError:
    # Where that too is refused, an init that has been stopped shows by never answering.
    state = "S"
if state in "TtZX":
    print("BREACH: its init is in state", state)
