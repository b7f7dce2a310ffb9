# tries: to slow down everything that has its uid
# layer: unique-uid
import os

before = os.getpriority(os.PRIO_PROCESS, 1)
os.setpriority(os.PRIO_USER, 0, 19)
if os.getpriority(os.PRIO_PROCESS, 1) != before:
    print("BREACH: its init is slower now")
