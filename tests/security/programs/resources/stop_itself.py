# tries: to last for ever by stopping itself
# layer: tree-accounting
# outcome: timeout
# limit: timeout_seconds
# limits: timeout_seconds=0.5
import os
import signal

os.kill(os.getpid(), signal.SIGSTOP)
print("BREACH: goes on")
