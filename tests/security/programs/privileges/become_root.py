# tries: to become root by asking for it
# layer: caps-dropped
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
attempts = {
    "setuid": lambda: os.setuid(0),
    "seteuid": lambda: os.seteuid(0),
    "setreuid": lambda: os.setreuid(0, 0),
    "setresuid": lambda: os.setresuid(0, 0, 0),
    "setgid": lambda: os.setgid(0),
    "setresgid": lambda: os.setresgid(0, 0, 0),
    "setgroups": lambda: os.setgroups([0, 4, 6, 27]),
    "initgroups": lambda: os.initgroups("root", 0),
}
for name, attempt in attempts.items():
    try:
        attempt()
        print("BREACH:", name)
    except OSError:
        pass
libc.setfsuid(0)
if libc.setfsuid(-1) == 0:
    print("BREACH: setfsuid")
if 0 in (*os.getresuid(), *os.getresgid()):
    print("BREACH: it is root")
