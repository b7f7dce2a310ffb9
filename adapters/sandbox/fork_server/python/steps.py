"""What is done for each run, as one table of system calls that reads from top to bottom.

The forker does the first two rows. Its child, the run's init, shares the forker's memory and does the
next ones; the init's child does the rest and becomes the program. A row that fails leads to a row that
tells the broker which one it was: no program runs half walled in.

A Python program is a copy of the forker, the only one that a run costs. Any other program starts in
memory shared with the init, which the kernel suspends, until it has memory of its own by execve.
"""

import kernel
import landlock
import wire

CALLS = {
    "chdir": 80, "chown": 92, "clock_gettime": 228, "clone3": 435, "close_range": 436, "dup2": 33,
    "dup3": 292, "execve": 59, "exit": 60, "capset": 126, "futex": 202, "getrusage": 98, "kill": 62,
    "landlock_add_rule": landlock.ADD_RULE, "landlock_create_ruleset": landlock.CREATE_RULESET,
    "landlock_restrict_self": landlock.RESTRICT_SELF,
    "mkdir": 83, "mount": 165, "openat": 257, "prctl": 157, "prlimit64": 302, "rt_sigaction": 13,
    "seccomp": 317, "sendmsg": 46, "sendfile": 40, "setresgid": 119, "setresuid": 117, "setsid": 112, "umask": 95,
    "wait4": 61, "write": 1,
}
O_CREATE = 0o1 | 0o100 | 0o200
O_CLOEXEC = 0o2000000
O_PATH = landlock.O_PATH | O_CLOEXEC
SEALED = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC | kernel.MS_RDONLY
SIGHUP, SIGINT, SIGKILL, SIGPIPE, SIGTERM, SIGCHLD, SIGXFSZ = 1, 2, 9, 13, 15, 17, 25
MONOTONIC, RUSAGE_CHILDREN, EVERYBODY = 1, -1, -1
SET_MODE_FILTER = 1
FUTEX_WAIT, FUTEX_WAKE_OP, SET_TO_ONE = 0, 5, 0x1000
# What the forker's end of a run's status socket becomes in the program's process, until it starts.
JOB, STATUS = 3, 4
# What is opened once nothing else is open there: the ruleset, then a folder for each rule.
RULESET = STATUS + 1
FREE = RULESET + 1 + len(landlock.RULES)
PROGRAM = 2
# What `openat` does not look at of its row, from this argument on, and the row's result, which follows, are
# at once a `struct cmsghdr`: its size, SOL_SOCKET and SCM_RIGHTS, and the descriptor to hand over.
RIGHTS_ARGUMENT, RIGHTS_SIZE, RIGHTS = 4, 20, 1 | 1 << 32
NOT_FOUND = 126

# The program's own limits, by the kernel's numbers: resource module names them alike.
LIMITS = {"cpu": 0, "file_size": 1, "data": 2, "stack": 3, "core": 4, "processes": 6, "files": 7,
          "locked": 8, "pending": 11, "queues": 12, "nice": 13, "priority": 14}


def row(name, call, *arguments, **otherwise):
    """One row: what it is called, the call, its arguments, and where to go when not to the next."""
    return name, CALLS[call], arguments, otherwise


def rows(at, executes):
    """The table. `at` gives the addresses of a slot's fields (slots.py)."""
    return [*forker_rows(at, executes), *init_rows(at), *program_rows(at, executes)]


def forker_rows(at, executes):
    """The forker: makes the init and, for a Python program, waits until that has copied it."""
    wait = [] if executes else [
        row("await copy", "futex", at.copied, FUTEX_WAIT, 0, negative=None, zero=None, positive=None),
    ]
    after = None if executes else "await copy"
    return [
        row("make init", "clone3", at.init_clone, 88, negative=None, zero="die with forker",
            positive=after),
        *wait,
    ]


def init_rows(at):
    """The run's init, PID 1: walls, the program, its end, everybody's end, the word to the broker."""
    failed = {"negative": "tell init's failure"}
    return [
        row("die with forker", "prctl", kernel.PR_SET_PDEATHSIG, SIGKILL, **failed),
        row("hear of children", "rt_sigaction", SIGCHLD, at.default_action, 0, 8, **failed),
        row("own /proc", "mount", at.proc, at.proc_path, at.proc, SEALED, at.proc_options, **failed),
        row("own /tmp", "mount", at.tmpfs, at.tmp_path, at.tmpfs,
            kernel.MS_NOSUID | kernel.MS_NODEV, at.tmp_options, **failed),
        row("work folder", "mkdir", at.work_path, 0o755, **failed),
        row("source file", "openat", kernel.AT_FDCWD, at.main_path, O_CREATE, 0o644, **failed),
        row("source text", "sendfile", 0, 0, at.code_offset, 0, **failed),
        row("source's owner", "chown", at.main_path, 0, 0, **failed),
        row("folder's owner", "chown", at.work_path, 0, 0, **failed),
        row("find files", "openat", kernel.AT_FDCWD, at.tmp_path, O_PATH, 0, RIGHTS_SIZE, RIGHTS, **failed),
        row("start time", "clock_gettime", MONOTONIC, at.started, **failed),
        row("make program", "clone3", at.program_clone, 88, negative="tell init's failure",
            zero="standard input"),
        row("wake forker", "futex", at.copied, FUTEX_WAKE_OP, 1, 0, at.copied, SET_TO_ONE),
        row("await program", "wait4", PROGRAM, at.wait_status, 0, 0),
        row("end time", "clock_gettime", MONOTONIC, at.ended),
        row("kill all", "kill", EVERYBODY, SIGKILL),
        row("bury all", "wait4", EVERYBODY, 0, 0, 0, positive="bury all"),
        row("count all", "getrusage", RUSAGE_CHILDREN, at.usage),
        row("tell the end", "sendmsg", 0, at.last_message, 0),
        row("leave", "exit", 0),
        row("tell init's failure", "write", 0, at.base, at.size),
        row("wake forker of failure", "futex", at.copied, FUTEX_WAKE_OP, 1, 0, at.copied, SET_TO_ONE),
        row("leave failed", "exit", wire.NOT_STARTED),
    ]


def program_rows(at, executes):
    """The program's process, PID 2: everything is given up, then it is let go."""
    failed = {"negative": "tell program's failure"}
    signals = (SIGTERM, SIGHUP, *((SIGINT, SIGPIPE, SIGXFSZ) if executes else ()))
    # Memory shared with the forker keeps the forker's mark; execve brings memory with its own.
    own = [] if executes else [row("own its files", "prctl", kernel.PR_SET_DUMPABLE, 1, **failed)]
    end = {"negative": "tell program's failure", "zero": None, "positive": None}
    last = [
        row("become the program", "execve", at.path, at.argv, at.envp, negative="say it is missing"),
        row("say it is missing", "write", 2, at.missing, 0),
        row("leave unfound", "exit", NOT_FOUND),
    ] if executes else []
    return [
        row("standard input", "dup2", 0, 0, **failed),
        row("standard output", "dup2", 0, 1, **failed),
        row("standard error", "dup2", 0, 2, **failed),
        row("job", "dup3", 0, JOB, O_CLOEXEC, **failed),
        row("status", "dup3", 0, STATUS, O_CLOEXEC, **failed),
        row("nothing else open", "close_range", STATUS + 1, 0xFFFFFFFF, 0, **failed),
        *landlock_rows(at, failed),
        row("own session", "setsid", **failed),
        row("own group id", "setresgid", 0, 0, 0, **failed),
        row("own user id", "setresuid", 0, 0, 0, **failed),
        row("no capabilities", "capset", at.capability_header, at.no_capabilities, **failed),
        *own,
        row("file mode", "umask", 0o022, **failed),
        row("enter work folder", "chdir", at.work_path, **failed),
        *[row(f"signal {number}", "rt_sigaction", number, at.default_action, 0, 8, **failed)
          for number in signals],
        *[row(f"limit {name}", "prlimit64", 0, number, at.limits[name], 0, **failed)
          for name, number in LIMITS.items()],
        row("no new privileges", "prctl", kernel.PR_SET_NO_NEW_PRIVS, 1, **failed),
        *([row("landlock", "landlock_restrict_self", RULESET, landlock.flags(at.landlock), **failed)]
          if at.landlock else []),
        row("system-call filter", "seccomp", SET_MODE_FILTER, 0, at.filter,
            **(failed if executes else end)),
        *last,
        row("tell program's failure", "write", STATUS, at.base, at.size),
        row("leave not started", "exit", wire.NOT_STARTED),
    ]


def landlock_rows(at, failed):
    """The rights of the run's own root and /tmp, gathered where descriptors' numbers are known."""
    if not at.landlock:
        return []
    made = [row("ruleset", "landlock_create_ruleset", at.ruleset, at.ruleset_size, 0, **failed)]
    for number, folder in enumerate(landlock.RULES, RULESET + 1):
        path, rule = at.rules[folder]
        made += [
            row(f"find {folder}", "openat", kernel.AT_FDCWD, path, O_PATH, **failed),
            row(f"rights in {folder}", "landlock_add_rule", RULESET, landlock.PATH_BENEATH, rule, 0,
                **failed),
        ]
    return made


# Rows whose failure is part of a good run: nobody left to kill or bury, a copy made before the wait.
MAY_FAIL = frozenset(("await copy", "kill all", "bury all"))


class Nowhere:
    """Addresses for a table that nobody will go through."""

    limits = dict.fromkeys(LIMITS, 0)
    rules = dict.fromkeys(landlock.RULES, (0, 0))

    def __init__(self, landlock):
        self.landlock = landlock

    def __getattr__(self, name):
        return 0


def names(executes, landlock):
    """The names of the rows, in their order."""
    return [name for name, *_ in rows(Nowhere(landlock), executes)]
