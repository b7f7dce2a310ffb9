# tries: to make a pair of datagram sockets, which take names as they send
# layer: seccomp
import socket

for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_TIPC if hasattr(socket, "AF_TIPC") else 30):
    try:
        print("BREACH:", socket.socketpair(family, socket.SOCK_DGRAM))
    except OSError:
        pass
