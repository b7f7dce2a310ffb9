# tries: to change the machine's clock and name, and to read the kernel's log
# layer: seccomp
import ctypes
import socket
import time

libc = ctypes.CDLL(None, use_errno=True)
try:
    time.clock_settime(time.CLOCK_REALTIME, time.time())
    print("BREACH: set the clock")
except OSError:
    pass
try:
    socket.sethostname("planted")
    print("BREACH: named the machine")
except OSError:
    pass
for name, number, *arguments in (("settimeofday", 164, None, None), ("adjtimex", 159, None),
                                 ("setdomainname", 171, b"planted", 7), ("syslog", 103, 10, 0, 0),
                                 ("clock_adjtime", 305, 0, None)):
    result = libc.syscall(ctypes.c_long(number), *arguments)
    if result >= 0 or ctypes.get_errno() != 1:
        print("BREACH:", name, "looked at its arguments")
if socket.gethostname() != "sandbox":
    print("BREACH: sees the machine's name", socket.gethostname())
