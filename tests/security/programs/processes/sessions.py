# tries: to crowd out everybody else with sessions, each of which the scheduler counts for itself
# layer: tree-accounting
# outcome: timeout
# limits: timeout_seconds=0.7 processes=12
import os

while True:
    try:
        if os.fork() == 0:
            os.setsid()
            break
    except OSError:
        break
while True:
    pass
