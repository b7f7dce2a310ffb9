"""Carries out tables of system calls without touching a stack, C library or thread state.

`CODE` is machine.s, assembled: a test assembles it again and compares.
"""

import ctypes
import mmap
import struct

import kernel

CODE = bytes.fromhex(
    "5356488b5e20488b03488b7b08488b7310488b53184c8b53204c8b43284c8b4b300f05488943384885c078"
    "08740c488b5b50eb0a488b5b40eb04488b5b484885db75c35848ff005bc3"
)

# Number, six arguments, result, and the record to go on with: result negative, zero, positive.
RECORD = struct.Struct("<7Qq3Q")
ARGUMENTS, RESULT_FIELD = 8, 7
ARGUMENT = struct.Struct("<Q")
WORD = 1 << 64
BRANCHES = ("negative", "zero", "positive")


CONTENT = 32
TAKES_ONE_ARGUMENT = 8


class Method(ctypes.Structure):
    """CPython's PyMethodDef."""

    _fields_ = [("name", ctypes.c_char_p), ("function", ctypes.c_void_p), ("flags", ctypes.c_int),
                ("text", ctypes.c_char_p)]


def load():
    """The machine, as a function of `boxed(address)`. Raises OSError where it cannot work.

    It is no ctypes function, because a copied process pays for every page that a call touches first.
    """
    require_layout()
    pages = mmap.mmap(-1, mmap.PAGESIZE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    pages.write(CODE)
    address = address_of(pages)
    protection = mmap.PROT_READ | mmap.PROT_EXEC
    result = kernel.LIBC.mprotect(ctypes.c_void_p(address), mmap.PAGESIZE, protection)
    kernel.check(result, "make a page executable")
    method = Method(b"machine", address, TAKES_ONE_ARGUMENT, None)
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.restype, make.argtypes = ctypes.py_object, (ctypes.c_void_p,) * 3
    KEPT.append((pages, method))
    return make(ctypes.addressof(method), None, None)


# What the machine stands on, for as long as the process lives.
KEPT = []


def boxed(address):
    """An address as the machine takes it."""
    return ARGUMENT.pack(address)


def require_layout():
    """Refuses an interpreter whose objects do not lie as machine.s expects."""
    sample = boxed(0x0123456789ABCDEF)
    references = ctypes.c_ssize_t.from_address(id(sample))
    before = references.value
    another = sample
    if references.value != before + 1 or ctypes.string_at(id(another) + CONTENT, len(sample)) != sample:
        raise OSError("this interpreter's objects lie otherwise than the machine expects")


def address_of(memory):
    """Where writable memory lies."""
    return ctypes.addressof(ctypes.c_char.from_buffer(memory))


class Table:
    """Rows of system calls, packed into memory from `start` on."""

    def __init__(self, memory, start, rows):
        self.memory = memory
        self.address = address_of(memory) + start
        self.places = {name: start + i * RECORD.size for i, (name, *_) in enumerate(rows)}
        for i, row in enumerate(rows):
            self.pack(row, self.address + (i + 1) * RECORD.size if i + 1 < len(rows) else 0)

    def pack(self, row, following):
        """Packs one row; where it does not say otherwise, the following one comes next."""
        name, number, arguments, otherwise = row
        padded = [argument % WORD for argument in (*arguments, *[0] * (6 - len(arguments)))]
        targets = [self.address_of(otherwise[key]) if key in otherwise else following
                   for key in BRANCHES]
        RECORD.pack_into(self.memory, self.places[name], number, *padded, 0, *targets)

    def address_of(self, name):
        """The address of a row; zero, which returns, for None."""
        return 0 if name is None else address_of(self.memory) + self.places[name]

    def set(self, name, argument, value):
        """Sets one argument of one row."""
        ARGUMENT.pack_into(self.memory, self.place(name, argument), value)

    def place(self, name, argument):
        """Where in memory an argument of a row lies."""
        return self.places[name] + ARGUMENTS + 8 * argument

    def result(self, name):
        """The last result of one row."""
        return RECORD.unpack_from(self.memory, self.places[name])[RESULT_FIELD]
