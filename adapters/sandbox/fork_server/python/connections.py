"""Which connections' other ends have left, by what the kernel knows of its sockets."""

import os
import struct
import sys
from _socket import AF_INET, AF_INET6, SOCK_CLOEXEC, SOCK_RAW, inet_pton, socket

AF_NETLINK, NETLINK_SOCK_DIAG, IPPROTO_TCP = 16, 4, 6
# length, type, flags, sequence, port
MESSAGE = struct.Struct("=IHHII")
SOCK_DIAG_BY_FAMILY, ERROR, DONE = 20, 2, 3
REQUEST_DUMP = 0x301
# family, protocol, what else is wanted, -, states; then local port, and nothing that narrows it further
QUESTION = struct.Struct("=BBBxI2s2x32x4x8s")
ANY_COOKIE = b"\xff" * 8
# Of those that this side closed first there may be thousands, and no request is in hand on them.
TIME_WAIT = 6
TOLD_STATES = 0xFFFFFFFF & ~(1 << TIME_WAIT)
# family, state, -, local port, port, local address, address
ANSWER = struct.Struct("=BB2x2s2s16x16s")
PATIENCE_SECONDS = 1

TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
READ_SIZE = 1 << 16
LISTENING = 10
# Established, and about to be: of all others one end has closed, be it in one direction only.
STANDING = (1, 3)
MAPPED = inet_pton(AF_INET6, "::ffff:0.0.0.0")[:12]


def key_of(line):
    """The connection that a line `ADDRESS PORT LOCAL_PORT` names: local port, address, port as they are on the wire."""
    address, port, local_port = line.split(" ")
    family = AF_INET6 if ":" in address else AF_INET
    packed = inet_pton(family, address.partition("%")[0])
    return int(local_port).to_bytes(2, "big"), packed.removeprefix(MAPPED), int(port).to_bytes(2, "big")


def diagnosed(local_port, family):
    """Each (key, state) of the sockets of one port, as the kernel tells it to who asks for just these."""
    link = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)
    try:
        link.settimeout(PATIENCE_SECONDS)
        question = QUESTION.pack(family, IPPROTO_TCP, 0, TOLD_STATES, local_port, ANY_COOKIE)
        head = MESSAGE.pack(MESSAGE.size + len(question), SOCK_DIAG_BY_FAMILY, REQUEST_DUMP, 0, 0)
        link.send(head + question)
        while True:
            answers = link.recv(READ_SIZE)
            at = 0
            while at < len(answers):
                size, kind, *_ = MESSAGE.unpack_from(answers, at)
                if kind == DONE:
                    return
                if kind == ERROR:
                    raise OSError("the kernel does not tell of its sockets")
                _, state, local, port, address = ANSWER.unpack_from(answers, at + MESSAGE.size)
                packed = address[:4] if family == AF_INET else address.removeprefix(MAPPED)
                yield (local, packed, port), state
                at += (size + 3) & ~3
    finally:
        link.close()


def packed_end(text):
    """An end of a connection as the tables spell it, `ADDRESS:PORT`, its address in words of 32 bits."""
    address, _, port = text.partition(b":")
    whole = bytes.fromhex(address.decode())
    if sys.byteorder == "little":
        whole = b"".join(whole[at : at + 4][::-1] for at in range(0, len(whole), 4))
    return whole.removeprefix(MAPPED), bytes.fromhex(port.decode())


def listed(local_port, table):
    """The same from a table of all that there are, where the kernel tells it in no other way."""
    pieces = []
    descriptor = os.open(table, os.O_RDONLY | os.O_CLOEXEC)
    try:
        while piece := os.read(descriptor, READ_SIZE):
            pieces.append(piece)
    finally:
        os.close(descriptor)
    ending = b":" + local_port.hex().upper().encode()
    for line in b"".join(pieces).splitlines()[1:]:
        _, local, remote, state, _ = line.split(None, 4)
        if local.endswith(ending) and int(state, 16) != TIME_WAIT:
            yield (local_port, *packed_end(remote)), int(state, 16)


def sockets(local_port, kind):
    """Each (key, state) of the port's sockets, of the first or the second kind of address; none where nothing tells."""
    try:
        return list(diagnosed(local_port, (AF_INET, AF_INET6)[kind]))
    except OSError:
        pass
    try:
        return list(listed(local_port, TABLES[kind]))
    except OSError:
        return []


def missing(keys):
    """
    Those of the connections that no longer stand. One that is not there at all counts only where its port
    is listened to: else this is not where the service has its sockets.
    """
    asked = set(keys)
    found, listened = set(), set()
    for local_port in {key[0] for key in keys}:
        for kind in range(2):
            for key, state in sockets(local_port, kind):
                if state == LISTENING:
                    listened.add(local_port)
                elif key in asked:
                    found.add(key)
                    if state in STANDING:
                        asked.discard(key)
            if all(key[0] != local_port for key in asked):
                break
    return {key for key in asked if key in found or key[0] in listened}


def gone(text):
    """Of connections, a line each, the numbers of those whose other end has left, from 0; none if one is no connection."""
    try:
        keys = [key_of(line) for line in text.splitlines()]
    except (ValueError, OSError, OverflowError):
        # Whoever supervises runs does not end for what is only a look.
        return ""
    left = missing(keys)
    # Sockets come and go while they are gone through, and one may be passed over.
    left = left and missing(left)
    return " ".join(str(number) for number, key in enumerate(keys) if key in left)
