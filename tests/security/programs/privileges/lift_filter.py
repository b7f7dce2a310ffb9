# tries: to be rid of its system-call filter
# layer: seccomp
import ctypes
import struct

libc = ctypes.CDLL(None, use_errno=True)
PR_SET_SECCOMP, PR_GET_SECCOMP = 22, 21
for mode in (0, 3):
    if libc.prctl(PR_SET_SECCOMP, mode, 0, 0, 0) == 0:
        print("BREACH: set mode", mode)
# A second filter that allows everything adds nothing: the strictest answer of all filters counts.
everything = struct.pack("<HBBI", 6, 0, 0, 0x7FFF0000)
code = ctypes.create_string_buffer(everything)
program = ctypes.create_string_buffer(struct.pack("<HxxxxxxQ", 1, ctypes.addressof(code)))
libc.prctl(PR_SET_SECCOMP, 2, program, 0, 0)
if libc.syscall(41, 2, 1, 0) >= 0:
    print("BREACH: opened a socket")
with open("/proc/self/status", encoding="ascii") as file:
    status = dict(line.split(":", 1) for line in file)
if status["Seccomp"].strip() != "2":
    print("BREACH: nothing filters its system calls")
