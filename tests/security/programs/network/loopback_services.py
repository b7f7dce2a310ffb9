# tries: to reach services that the host has on loopback
# layer: seccomp
import socket
import urllib.request

for port in (22, 25, 80, 111, 631, 2375, 3306, 5432, 6379, 7474, 7687, 8000, 8080, 9090):
    for host in ("127.0.0.1", "::1", "localhost", "169.254.169.254"):
        try:
            socket.create_connection((host, port), 0.2)
            print("BREACH: reached", host, port)
        except OSError:
            pass
try:
    urllib.request.urlopen("http://127.0.0.1:8000/health", timeout=0.2)
    print("BREACH: reached the service itself")
except OSError:
    pass
