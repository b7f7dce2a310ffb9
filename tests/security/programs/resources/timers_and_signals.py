# tries: to have the kernel keep timers and signals without end
# layer: rlimits
import ctypes
import os
import signal

libc = ctypes.CDLL(None, use_errno=True)
number = signal.SIGRTMIN + 1
signal.pthread_sigmask(signal.SIG_BLOCK, [number])
queued = 0
while queued < 5000 and libc.sigqueue(os.getpid(), number, None) == 0:
    queued += 1
timers = 0
while timers < 5000 and libc.syscall(222, 1, None, ctypes.byref(ctypes.c_int())) == 0:
    timers += 1
if queued + timers > 2048:
    print("BREACH:", queued, "signals and", timers, "timers")
