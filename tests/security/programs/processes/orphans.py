# tries: to keep its init busy with dying orphans
# layer: pid-ns
# outcome: timeout
# limits: timeout_seconds=0.7
import os

while True:
    try:
        if os.fork() == 0:
            if os.fork() == 0:
                os._exit(0)
            os._exit(0)
        os.wait()
    except OSError:
        pass
