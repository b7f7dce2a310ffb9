# tries: to talk to the kernel by netlink
# layer: seccomp
import socket

for protocol in range(0, 23):
    try:
        print("BREACH:", socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol))
    except OSError:
        pass
