# tries: to signal every process number there may be
# layer: pid-ns
import os

for process in range(3, 70_000):
    try:
        os.kill(process, 0)
        print("BREACH: reaches process", process)
    except ProcessLookupError:
        pass
