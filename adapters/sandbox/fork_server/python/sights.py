"""What the broker can see of the service that Deno's permissions hide from it: questions and answers are texts."""

import os
import sys
from _socket import AF_INET, AF_INET6, inet_pton

import wire

TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
READ_SIZE = 1 << 16
LISTENING = b"0A"
# Established, and about to be: of all others one end has closed, be it in one direction only.
STANDING = (b"01", b"03")


def spelled(packed):
    """An address as the kernel's tables spell it: words of 32 bits in the machine's own order."""
    words = [int.from_bytes(packed[at : at + 4], sys.byteorder) for at in range(0, len(packed), 4)]
    return b"".join(b"%08X" % word for word in words)


MAPPED = spelled(inet_pton(AF_INET6, "::ffff:0.0.0.0"))[:24]


def key_of(line):
    """The connection that a line `ADDRESS PORT LOCAL_PORT` names, as `rows` has it."""
    address, port, local_port = line.split(" ")
    family = AF_INET6 if ":" in address else AF_INET
    remote = spelled(inet_pton(family, address.partition("%")[0])).removeprefix(MAPPED)
    return b"%04X" % int(local_port), b"%b:%04X" % (remote, int(port))


def rows(table):
    """Each (local port, other end, state) of a table; none where it cannot be read."""
    pieces = []
    try:
        descriptor = os.open(table, os.O_RDONLY | os.O_CLOEXEC)
        try:
            while piece := os.read(descriptor, READ_SIZE):
                pieces.append(piece)
        finally:
            os.close(descriptor)
    except OSError:
        return
    for line in b"".join(pieces).splitlines()[1:]:
        _, local, remote, state, _ = line.split(None, 4)
        yield local[-4:], remote.removeprefix(MAPPED), state


def missing(keys):
    """
    Those of the connections that no longer stand. One that is in no table counts only where its port is
    listened to there: else the tables are not those of the service.
    """
    asked = set(keys)
    found, listened = set(), set()
    for table in TABLES:
        for local_port, remote, state in rows(table):
            key = local_port, remote
            if state == LISTENING:
                listened.add(local_port)
            elif key in asked:
                found.add(key)
                if state in STANDING:
                    asked.discard(key)
        if not asked:
            break
    return {key for key in asked if key in found or key[0] in listened}


def gone(text):
    """Of connections, a line each, the numbers of those whose other end has left, from 0."""
    keys = [key_of(line) for line in text.splitlines()]
    left = missing(keys)
    # Rows come and go while a table is read, and one may be passed over.
    left = left and missing(left)
    return " ".join(str(number) for number, key in enumerate(keys) if key in left)


def count_descriptors(_):
    """How many descriptors the service has open."""
    return str(len(os.listdir(f"/proc/{os.getppid()}/fd")))


SIGHTS = {wire.COUNT: count_descriptors, wire.GONE: gone}
