# tries: to open IPv4 sockets of every kind
# layer: seccomp
import socket

for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
    try:
        print("BREACH:", socket.socket(socket.AF_INET, kind))
    except PermissionError:
        pass
