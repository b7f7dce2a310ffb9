# tries: to ask for the address of a name
# layer: seccomp
import socket

for name in ("example.org", "metadata.google.internal", "host.docker.internal"):
    try:
        print("BREACH:", socket.getaddrinfo(name, 80))
    except OSError:
        pass
