# tries: to reach unix sockets of the host, named and abstract
# layer: seccomp
import socket

for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
    for address in ("/run/docker.sock", "/run/dbus/system_bus_socket", "\0/tmp/dbus", "\0containerd-shim"):
        try:
            end = socket.socket(socket.AF_UNIX, kind)
            print("BREACH:", end)
            end.connect(address)
        except OSError:
            pass
