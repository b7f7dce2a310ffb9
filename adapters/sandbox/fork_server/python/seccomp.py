"""The system-call filter, as a classic BPF program made from syscall_table.py.

The numbers are searched as a binary tree, so that a call costs about eight comparisons and the
kernel's own table of always-allowed calls is made quickly at installation.
"""

import ctypes
import os
import struct

import syscall_table as table

LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
MASK = 0x54
RET_ALLOW, RET_KILL = 0x7FFF0000, 0x80000000
RET_EPERM, RET_ENOSYS = 0x00050000 | 1, 0x00050000 | 38

NUMBER, ARCH, ARGUMENTS = 0, 4, 16
NAMESPACE_FLAGS = 0x7E020000
TIOCSTI, TIOCLINUX, F_NOTIFY, F_SETPIPE_SZ = 0x5412, 0x541C, 1026, 1031
# As pipes are made: what they hold is charged for (accounting.py).
LARGEST_PIPE = 1 << 16
AF_UNIX, TYPE_MASK, SOCK_STREAM, SOCK_SEQPACKET = 1, 0xF, 1, 5
SOL_SOCKET, SO_SNDBUF, SO_RCVBUF = 1, 7, 8
MAP_SHARED, MAP_ANONYMOUS, INIT = 0x01, 0x20, 1


def op(code, value, if_true=0, if_false=0):
    """One BPF instruction; the jumps count instructions to skip."""
    assert 0 <= if_true < 256 and 0 <= if_false < 256, "a jump is too far for BPF"
    return struct.pack("<HBBI", code, if_true, if_false, value)


def argument(index):
    """Loads the lower half of an argument: all that the inspected calls use."""
    return op(LOAD, ARGUMENTS + 8 * index)


ALLOW, EPERM, ENOSYS = ([op(RETURN, value)] for value in (RET_ALLOW, RET_EPERM, RET_ENOSYS))

INSPECTIONS = {
    "clone": [argument(0), op(JUMP_ANY_BIT, NAMESPACE_FLAGS, 0, 1), *EPERM, *ALLOW],
    "ioctl": [argument(1), op(JUMP_EQUAL, TIOCSTI, 1, 0), op(JUMP_EQUAL, TIOCLINUX, 0, 1),
              *EPERM, *ALLOW],
    # A datagram socket could take a name, and runs share one network namespace.
    "socketpair": [argument(0), op(JUMP_EQUAL, AF_UNIX, 0, 4),
                   argument(1), op(MASK, TYPE_MASK), op(JUMP_EQUAL, SOCK_STREAM, 2, 0),
                   op(JUMP_EQUAL, SOCK_SEQPACKET, 1, 0), *EPERM, *ALLOW],
    "setsockopt": [argument(1), op(JUMP_EQUAL, SOL_SOCKET, 0, 4), argument(2),
                   op(JUMP_EQUAL, SO_SNDBUF, 1, 0), op(JUMP_EQUAL, SO_RCVBUF, 0, 1),
                   *EPERM, *ALLOW],
    # Its pages stay when the process lets go of them, and nobody is charged then.
    "mmap": [argument(3), op(MASK, MAP_SHARED | MAP_ANONYMOUS),
             op(JUMP_EQUAL, MAP_SHARED | MAP_ANONYMOUS, 0, 1), *EPERM, *ALLOW],
    # A pipe is charged for what it holds unless it is made larger (accounting.py).
    "fcntl": [argument(1), op(JUMP_EQUAL, F_NOTIFY, 3, 0), op(JUMP_EQUAL, F_SETPIPE_SZ, 0, 3),
              argument(2), op(JUMP_AT_LEAST, LARGEST_PIPE + 1, 0, 1), *EPERM, *ALLOW],
    "prlimit64": [argument(0), op(JUMP_EQUAL, INIT, 0, 1), *EPERM, *ALLOW],
}


def actions():
    """number → instructions, for every number that the table names."""
    known = {number: ALLOW for number in table.numbers(table.ALLOWED).values()}
    known.update({number: EPERM for number in table.numbers(table.REFUSED).values()})
    inspected = table.numbers(table.INSPECTED)
    known.update({number: INSPECTIONS[name] for name, number in inspected.items()})
    return known


def ranges():
    """[(first number, instructions)]: each holds up to the next one's first number."""
    known = actions()
    found = []
    for number in range(max(known) + 2):
        action = known.get(number, ENOSYS)
        if not found or found[-1][1] is not action:
            found.append((number, action))
    return found


def search(found):
    """The binary search over ranges, as instructions."""
    if len(found) == 1:
        return found[0][1]
    middle = len(found) // 2
    left, right = search(found[:middle]), search(found[middle:])
    return [op(JUMP_AT_LEAST, found[middle][0], len(left), 0), *left, *right]


def program():
    """The whole filter, as bytes of `struct sock_filter`."""
    head = [op(LOAD, ARCH), op(JUMP_EQUAL, table.AUDIT_ARCH, 1, 0), op(RETURN, RET_KILL),
            op(LOAD, NUMBER)]
    return b"".join(head + search(ranges()))


class Filter(ctypes.Structure):
    """`struct sock_fprog`, holding on to its instructions."""

    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]

    @classmethod
    def build(cls):
        """The filter, ready to be given to the kernel. Raises OSError on another processor."""
        if os.uname().machine != table.ARCHITECTURE:
            raise OSError(f"processor {os.uname().machine}: no system-call table for it yet")
        return cls.of(program())

    @classmethod
    def of(cls, code):
        """The filter that some instructions are."""
        return cls(len(code) // 8, code)
