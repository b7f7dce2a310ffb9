# tries: to hold descriptors without end by sending them to itself
# layer: rlimits
import os
import socket

sent = 0
ends = [socket.socketpair() for _ in range(20)]
null = os.open("/dev/null", os.O_RDONLY)
for left, _ in ends:
    left.setblocking(False)
    try:
        while sent < 5000:
            socket.send_fds(left, [b"x"], [null] * 50)
            sent += 50
    except OSError:
        pass
if sent > 1024:
    print("BREACH: sent", sent)
