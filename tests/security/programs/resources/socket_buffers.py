# tries: to make the buffers of a socket larger
# layer: seccomp
import socket

left, _ = socket.socketpair()
for option in (socket.SO_SNDBUF, socket.SO_RCVBUF, 32, 33):
    try:
        left.setsockopt(socket.SOL_SOCKET, option, 1 << 24)
        print("BREACH: option", option)
    except OSError:
        pass
