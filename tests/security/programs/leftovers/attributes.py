# tries: to leave the attributes of its process for the next run: mask, priority, limits, signals
# layer: runner
# runs: 2
import os
import resource
import signal

if os.umask(0) != 0o022 or os.getcwd() != "/tmp/work":
    print("BREACH: found another mask or folder")
if os.nice(0) != 0 or os.sched_getscheduler(0) != os.SCHED_OTHER:
    print("BREACH: found another priority")
if signal.getsignal(signal.SIGUSR1) != signal.SIG_DFL or signal.pthread_sigmask(signal.SIG_BLOCK, []):
    print("BREACH: found other signals")
if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 20 or signal.getitimer(signal.ITIMER_REAL)[0]:
    print("BREACH: found other limits or a timer")
os.nice(10)
os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
signal.setitimer(signal.ITIMER_REAL, 60)
resource.setrlimit(resource.RLIMIT_NOFILE, (10, 10))
