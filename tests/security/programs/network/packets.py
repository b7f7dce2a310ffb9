# tries: to read and forge packets
# layer: seccomp
import socket

for family, kind, protocol in ((17, socket.SOCK_RAW, 0x0300), (17, socket.SOCK_DGRAM, 0x0300),
                               (2, socket.SOCK_RAW, 1), (2, socket.SOCK_DGRAM, 1), (10, socket.SOCK_RAW, 58),
                               (44, socket.SOCK_RAW, 0)):
    try:
        print("BREACH:", socket.socket(family, kind, protocol))
    except OSError:
        pass
