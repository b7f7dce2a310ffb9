# tries: to type into a terminal of the host
# layer: seccomp
import fcntl
import os
import termios

for number in (0, 1, 2):
    for request in (termios.TIOCSTI, 0x541C):
        try:
            fcntl.ioctl(number, request, b"x")
            print("BREACH: typed")
        except PermissionError:
            pass
        except OSError as error:
            # The filter must answer before the file does.
            print("BREACH: the request reached a file:", error.strerror)
try:
    os.open("/dev/tty", os.O_RDWR)
    print("BREACH: has a terminal")
except OSError:
    pass
