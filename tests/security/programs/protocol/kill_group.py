# tries: to end whoever is in its process group and session
# layer: runner
# outcome: signal
import os
import signal

if os.getpgrp() != os.getpid() or os.getsid(0) != os.getpid():
    print("BREACH: its group or session is another's", flush=True)
os.kill(0, signal.SIGKILL)
