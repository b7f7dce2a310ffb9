# tries: to signal everything at once
# layer: pid-ns
import os
import signal

# Outside a process namespace this would be the machine's end.
assert os.getpid() == 2 and set(filter(str.isdigit, os.listdir("/proc"))) == {"1", "2"}
for number in (signal.SIGTERM, signal.SIGKILL):
    try:
        os.kill(-1, number)
        print("BREACH: there was somebody to signal")
    except ProcessLookupError:
        pass
