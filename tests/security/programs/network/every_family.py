# tries: to open a socket of any family that a kernel may know
# layer: seccomp
import socket

for family in range(0, 64):
    for kind in (1, 2, 3, 4, 5, 6, 10):
        try:
            end = socket.socket(family, kind)
            print("BREACH: family", family, "kind", kind, end.fileno())
        except OSError:
            pass
