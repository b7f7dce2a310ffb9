"""The walls that are put up once and stand round every run."""

import _signal
import _socket
import os

import kernel
import rootfs

# Uids of nobody else: far above what a system hands out, below what the kernel keeps.
FIRST_HOST_ID, IDS = 1_879_048_192, 65_536
SHARED = kernel.NEWPID | kernel.NEWIPC | kernel.NEWUTS | kernel.NEWNET | kernel.NEWCGROUP

LAYERS = ["user-ns", "mount-ns", "pid-ns", "net-ns", "ipc-ns", "uts-ns", "cgroup-ns",
          "read-only-root", "seccomp", "no-new-privs", "caps-dropped", "rlimits", "tree-accounting"]
UNIQUE_ID, LANDLOCK, CGROUP_MEMORY = "unique-uid", "landlock", "cgroup-memory"


def layers(plan):
    """What stands round every run once `enter`, `settle` and confine.enter have not raised."""
    return [*LAYERS, *(name for name, stands in depending(plan) if stands)]


def missing(plan):
    """What a better equipped host would have added."""
    return [name for name, stands in depending(plan) if not stands]


def depending(plan):
    """(layer, whether it stands) for those that depend on the host and on who starts this."""
    return ((CGROUP_MEMORY, plan["accounted"]), (LANDLOCK, plan["landlock"] > 0),
            (UNIQUE_ID, plan["privileged"]))


def enter(plan, wait_for_maps):
    """Moves this process and its future children behind the walls.

    `wait_for_maps()` returns once the parent has written this process's id maps (as root only).
    """
    if plan["privileged"]:
        enter_as_root(plan, wait_for_maps)
    else:
        enter_as_user(plan)


def enter_as_root(plan, wait_for_maps):
    """Builds the tree with the host's rights, then gives them up for a user namespace's."""
    os.setgroups([])
    kernel.unshare(kernel.NEWNS, "unshare mount namespace")
    rootfs.build(plan["prefix"], plan["extras"])
    kernel.unshare(kernel.NEWUSER, "unshare user namespace")
    wait_for_maps()
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    kernel.unshare(kernel.NEWNS | SHARED, "unshare namespaces")


def enter_as_user(plan):
    """An ordinary user becomes root of a namespace that holds only itself."""
    become_own_root()
    rootfs.build(plan["prefix"], plan["extras"])
    kernel.unshare(SHARED, "unshare namespaces")


def become_own_root():
    """Takes a user namespace in which nobody is but this process's user, as its root."""
    uid, gid = os.geteuid(), os.getegid()
    kernel.unshare(kernel.NEWUSER | kernel.NEWNS, "unshare user namespace")
    map_self(0, uid, 0, gid)


def map_self(inner_uid, outer_uid, inner_gid, outer_gid, own="/proc/self"):
    """Maps this process's own ids, all that the kernel lets a process without rights do."""
    kernel.write_file(f"{own}/setgroups", b"deny")
    kernel.write_file(f"{own}/uid_map", b"%d %d 1" % (inner_uid, outer_uid))
    kernel.write_file(f"{own}/gid_map", b"%d %d 1" % (inner_gid, outer_gid))


def map_range(pid):
    """Maps a range of ids that nobody uses, for the process `pid`. Needs the host's root."""
    line = b"0 %d %d" % (FIRST_HOST_ID, IDS)
    kernel.write_file(f"/proc/{pid}/uid_map", line)
    kernel.write_file(f"/proc/{pid}/gid_map", line)


def settle(plan):
    """The last steps, as PID 1 of the new PID namespace."""
    kernel.die_with_parent()
    os.setsid()
    kernel.drop_bounding_set()
    _socket.sethostname("sandbox")
    flags = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
    kernel.mount("proc", "/proc", "proc", flags)
    if plan["privileged"]:
        kernel.write_file("/proc/sys/user/max_user_namespaces", b"0")
    go_first()
    _signal.signal(_signal.SIGCHLD, _signal.SIG_IGN)


def go_first():
    """Has every run, which inherits this, end first when the host's memory is gone."""
    before = kernel.prctl(kernel.PR_GET_DUMPABLE, 0, "see whether the process owns its files")
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1, "own the process's files")
    kernel.write_file("/proc/self/oom_score_adj", b"1000")
    kernel.prctl(kernel.PR_SET_DUMPABLE, before, "hide the process's files again")
