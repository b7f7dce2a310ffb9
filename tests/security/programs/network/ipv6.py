# tries: to open IPv6 sockets of every kind
# layer: seccomp
import socket

for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
    try:
        print("BREACH:", socket.socket(socket.AF_INET6, kind))
    except PermissionError:
        pass
