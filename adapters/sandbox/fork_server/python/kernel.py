"""The kernel calls that Python's own modules lack, each raising OSError with the step's name."""

import ctypes
import errno
import os
from _signal import SIGCHLD, SIGKILL

LIBC = ctypes.PyDLL(None, use_errno=True)
SYSCALL = LIBC.syscall
SYSCALL.restype = ctypes.c_long

SYS_CLONE, SYS_PIVOT_ROOT, SYS_CAPSET, SYS_CLOSE_RANGE, SYS_MOUNT_SETATTR = 56, 155, 126, 436, 442
NEWNS, NEWCGROUP, NEWUTS, NEWIPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MNT_DETACH = 2
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV, ATTR_NOEXEC = 1, 2, 4, 8
AT_FDCWD, AT_RECURSIVE = -100, 0x8000

PR_SET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_DUMPABLE = 1, 3, 4
PR_SET_SECCOMP, PR_CAPBSET_DROP = 22, 24
PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 38, 2
LAST_CAPABILITY = 63
CLONE_PIDFD = 0x1000
SYS_CLONE3, CLONE_CHILD_SETTID, INTO_CGROUP = 435, 0x1000000, 0x200000000

# glibc keeps a thread's own id here, from the start of its control block.
THREAD_ID_OFFSET = 720

# What a run's uid may be, inside: as root each run has the next one, else all have the first.
RUN_IDS = range(1_000, 5_096)
# And of those started ahead, which may wait while any number of others come and go.
AHEAD_IDS = range(5_096, 6_120)


def check(result, step):
    """`result` unless it is an error."""
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{step}: {os.strerror(code)}")
    return result


def text(path):
    """A path or word as the kernel takes it."""
    return None if path is None else os.fsencode(path)


def mount(source, target, kind=None, flags=0, data=None):
    """mount(2)."""
    result = LIBC.mount(text(source), text(target), text(kind), ctypes.c_ulong(flags), text(data))
    check(result, f"mount {target}")


def restrict_mount(target, attributes, recursive=False):
    """Adds attributes (read-only, no set-uid, no devices) to a mount, or to the tree below it."""
    settings = (ctypes.c_uint64 * 4)(attributes, 0, 0, 0)
    flags = AT_RECURSIVE if recursive else 0
    result = SYSCALL(SYS_MOUNT_SETATTR, AT_FDCWD, text(target), flags, settings, 32)
    check(result, f"mount_setattr {target}")


def pivot_root(new_root):
    """Makes `new_root` the root and lets go of the old one."""
    os.chdir(new_root)
    check(SYSCALL(SYS_PIVOT_ROOT, b".", b"."), "pivot_root")
    check(LIBC.umount2(b".", MNT_DETACH), "umount the old root")
    os.chdir("/")


def unmount(target):
    """Takes a mount away, at once from sight and for good once nobody uses it."""
    check(LIBC.umount2(text(target), MNT_DETACH), f"umount {target}")


def unshare(flags, step):
    """unshare(2)."""
    check(LIBC.unshare(flags), step)


def clone(flags):
    """fork(2) into new namespaces: a descriptor of the child in the parent, None in the child.

    The caller has one thread.
    """
    handle = ctypes.c_int(-1)
    flags |= CLONE_PIDFD | SIGCHLD
    pid = check(SYSCALL(SYS_CLONE, flags, 0, ctypes.byref(handle), 0, 0), "clone namespaces")
    return None if pid == 0 else handle.value


def thread_id_address():
    """Where the C library keeps this thread's id, which a copy must have set anew; 0 if unknown."""
    LIBC.pthread_self.restype = ctypes.c_void_p
    address = LIBC.pthread_self() + THREAD_ID_OFFSET
    known = ctypes.c_int.from_address(address).value
    return address if known == LIBC.gettid() else 0


def fork_into(cgroup, thread_id):
    """fork(2) into a cgroup, by a descriptor: 0 in the child, whose id is put at `thread_id`."""
    flags = INTO_CGROUP | (CLONE_CHILD_SETTID if thread_id else 0)
    arguments = (ctypes.c_uint64 * 11)(flags, 0, thread_id, 0, SIGCHLD, 0, 0, 0, 0, 0, cgroup)
    pid = check(SYSCALL(SYS_CLONE3, arguments, ctypes.sizeof(arguments)), "clone into cgroup")
    if pid == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
    return pid


def prctl(option, value, step):
    """prctl(2) with one argument."""
    return check(LIBC.prctl(option, ctypes.c_ulong(value), 0, 0, 0), step)


def die_with_parent():
    """Has the kernel kill this process when its parent ends. Undone by a change of uid."""
    prctl(PR_SET_PDEATHSIG, SIGKILL, "parent-death signal")


def drop_bounding_set():
    """No program started from here on can gain a capability."""
    for capability in range(LAST_CAPABILITY + 1):
        if LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0:
            if ctypes.get_errno() == errno.EINVAL and capability > 0:
                return
            check(-1, "drop the bounding set")


def drop_capabilities():
    """Gives up every capability, effective, permitted and inheritable."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    check(SYSCALL(SYS_CAPSET, header, (ctypes.c_uint32 * 6)()), "capset")


def close_from(first):
    """Closes every descriptor from `first` on."""
    check(SYSCALL(SYS_CLOSE_RANGE, first, 0xFFFFFFFF, 0), "close_range")


def gain_nothing():
    """No privilege can be gained by exec from here on."""
    prctl(PR_SET_NO_NEW_PRIVS, 1, "no_new_privs")


def install_filter(bpf):
    """Installs a seccomp filter for good. Needs no_new_privs."""
    result = LIBC.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(bpf), 0, 0)
    check(result, "seccomp")


def write_file(path, data):
    """Writes a kernel file in one call."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, data)
    finally:
        os.close(descriptor)


def hide_command_line():
    """Overwrites what /proc/self/cmdline shows: host paths are nobody's business inside."""
    with open("/proc/self/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
    start, end = int(fields[45]), int(fields[46])
    shown = b"python3\0main.py\0"[: end - start]
    ctypes.memmove(start, shown.ljust(end - start, b"\0"), end - start)
