# tries: to give one end of a socket pair a name that other runs could reach
# layer: seccomp
import socket

for kind in (socket.SOCK_STREAM, socket.SOCK_SEQPACKET, socket.SOCK_DGRAM):
    try:
        left, right = socket.socketpair(socket.AF_UNIX, kind)
    except OSError:
        continue
    for attempt in (lambda: left.bind("\0meeting"), lambda: left.bind("/tmp/meeting"),
                    lambda: left.connect("\0meeting"), lambda: right.listen()):
        try:
            attempt()
            print("BREACH: named or reached a socket of kind", kind)
        except OSError:
            pass
