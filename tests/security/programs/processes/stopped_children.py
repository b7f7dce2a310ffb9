# tries: to leave stopped children behind, which no signal but one moves
# layer: pid-ns
# limits: processes=16
import os
import signal

for _ in range(8):
    child = os.fork()
    if child == 0:
        for number in range(1, 65):
            if number not in (signal.SIGKILL, signal.SIGSTOP, 32, 33):
                signal.signal(number, signal.SIG_IGN)
        os.kill(os.getpid(), signal.SIGSTOP)
        os.write(1, b"BREACH: a stopped child goes on\n")
        os._exit(0)
    os.waitpid(child, os.WUNTRACED)
