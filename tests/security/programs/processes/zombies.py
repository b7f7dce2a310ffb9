# tries: to leave more dead children unburied than it may have processes
# layer: rlimits
import os

dead = 0
try:
    while dead < 500:
        if os.fork() == 0:
            os._exit(0)
        dead += 1
except BlockingIOError:
    pass
if dead >= 64:
    print("BREACH: left", dead)
