"""Landlock: what a run may do to files, ports and processes, should another wall give way.

It judges by the path that a file was reached by, down from the run's own root: a folder of the host's
that came in as a descriptor would open nothing. Each run has a domain of its own, because its /tmp is.
"""

import os
import struct

import kernel

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION, PATH_BENEATH, O_PATH = 1, 1, 0o10000000
# Denials are the caller's to hear of, not the host's audit log's to fill with.
LOG_SAME_EXEC_OFF, LOGS_SINCE = 1, 7
# Version 1 forbids every move of a file from one folder to another, in /tmp too.
LEAST_VERSION = 2

# Each right's place is its bit, its number the version that brought it.
FILE_RIGHTS = {
    "execute": 1, "write_file": 1, "read_file": 1, "read_dir": 1, "remove_dir": 1, "remove_file": 1,
    "make_char": 1, "make_dir": 1, "make_reg": 1, "make_sock": 1, "make_fifo": 1, "make_block": 1,
    "make_sym": 1, "refer": 2, "truncate": 3, "ioctl_dev": 5,
}
PORT_RIGHTS = {"bind_tcp": 4, "connect_tcp": 4}
SCOPES = {"abstract_unix_socket": 6, "signal": 6}

NOWHERE = ("make_char", "make_block", "make_sock", "ioctl_dev")
# What is given back below a folder, whatever is mounted there; all other rights are given nowhere.
RULES = {
    "/": ("execute", "read_file", "read_dir"),
    "/dev": ("write_file",),
    "/tmp": tuple(name for name in FILE_RIGHTS if name not in NOWHERE),
}


def version():
    """The version that this kernel offers; 0 where it has none that a run could live with."""
    offered = kernel.SYSCALL(CREATE_RULESET, None, 0, ASK_VERSION)
    return offered if offered >= LEAST_VERSION else 0


def bits(table, version, names=None):
    """The rights of a table that a version knows, all or only the named ones."""
    return sum(1 << bit for bit, (name, since) in enumerate(table.items())
               if since <= version and (names is None or name in names))


def ruleset(version):
    """`struct landlock_ruleset_attr`: everything that is denied unless a rule gives it back."""
    return struct.pack("<3Q", *(bits(table, version) for table in (FILE_RIGHTS, PORT_RIGHTS, SCOPES)))


def rule(folder, version, descriptor):
    """`struct landlock_path_beneath_attr` for a folder of RULES and a descriptor of it."""
    return struct.pack("<Qi", bits(FILE_RIGHTS, version, RULES[folder]), descriptor)


def flags(version):
    """How a domain is entered."""
    return LOG_SAME_EXEC_OFF if version >= LOGS_SINCE else 0


def prepare(version):
    """A descriptor of a ruleset for this process's own root and /tmp; it holds once entered."""
    attributes = ruleset(version)
    made = kernel.check(kernel.SYSCALL(CREATE_RULESET, attributes, len(attributes), 0),
                        "landlock ruleset")
    for folder in RULES:
        descriptor = os.open(folder, O_PATH | os.O_CLOEXEC)
        allowed = kernel.SYSCALL(ADD_RULE, made, PATH_BENEATH, rule(folder, version, descriptor), 0)
        kernel.check(allowed, f"landlock rule for {folder}")
        os.close(descriptor)
    return made


def enter(made, version):
    """Binds this process and all that it will start, for good. Needs no_new_privs."""
    kernel.check(kernel.SYSCALL(RESTRICT_SELF, made, flags(version)), "landlock")
