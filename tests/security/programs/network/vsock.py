# tries: to reach the hypervisor by vsock
# layer: seccomp
import socket

try:
    end = socket.socket(40, socket.SOCK_STREAM)
    print("BREACH:", end)
except OSError:
    pass
