# tries: to slow down everything that has its uid
# layer: runner
import os

before = os.getpriority(os.PRIO_PROCESS, 1)
try:
    os.setpriority(os.PRIO_USER, 0, 19)
except OSError:
    pass
if os.getpriority(os.PRIO_PROCESS, 1) != before:
    print("BREACH: its init is slower now")
