"""One run whose process is started before its request comes, as the broker sees it."""

import fcntl
import os
import resource
import time

import accounting
import holding
import program
import steps
import wire
from runs import GRACE_SECONDS, Run
from streams import F_GETPIPE_SZ, sealed

PRIVILEGED = os.geteuid() == 0
SYS_NICE, SYS_RESOURCE = 23, 24


def may(capability):
    """Whether this process has a capability. Containers often start root without some."""
    words = accounting.read("/proc/self/status").partition(b"CapEff:")[2].split()
    return bool(int(words[0], 16) >> capability & 1)


# To put a lowered priority back, and to raise a limit that was set.
MAY_HASTEN, MAY_RAISE = may(SYS_NICE), may(SYS_RESOURCE)
LOWEST_PRIORITY, USUAL_PRIORITY = 19, 0
# Variables that a runtime, its libraries or the loader read when they start: too late for these.
READ_AT_START = ("BUN_", "CI", "COLORTERM", "DENO_", "FORCE_COLOR", "GLIBC_", "ICU_", "LANG", "LC_", "LD_",
                 "MALLOC_", "NODE_", "NO_COLOR", "OPENSSL_", "RUST_", "SSL_", "TERM", "TOKIO_", "TZ", "UV_", "V8_")
NO_JOB = wire.JOB.pack(0, 0, 0, 0)


class AheadRun(Run):
    """A run that begins without a program. `place` is its number among those started ahead."""

    def __init__(self, fields, place):
        super().__init__(fields)
        self.fields = fields
        self.number = self.place = place
        self.feed = -1
        self.program = 0
        self.is_quiet = not MAY_HASTEN

    @property
    def output(self):
        """The program's standard output."""
        return self.streams[0]

    def watched(self):
        """Descriptors that the pool may be watching."""
        return [self.status.fileno(), self.output.descriptor] if self.status is not None else []

    def supply(self, handed, body):
        """An empty job, and a pipe as input: job and input come through it."""
        handed.append(sealed("job", NO_JOB))
        self.job_length, self.code_length = len(NO_JOB), 0
        reader, self.feed = os.pipe()
        handed.append(reader)
        # Another uid must be able to open /dev/stdin again.
        os.fchmod(reader, 0o666)
        os.set_blocking(self.feed, False)

    def kind_of_input(self, source):
        """See wire.py."""
        return wire.AHEAD

    def be_quiet(self):
        """Lowers the priority of a start, as soon as there is somebody to lower."""
        init = holding.process_of(self.handle) if self.handle >= 0 else 0
        if init == 0:
            return
        renice(os.PRIO_PROCESS, init, LOWEST_PRIORITY)
        self.program = first_child(init)
        # Until it has a session of its own, the scheduler counts it among the forker's.
        if self.program and session_of(self.program) == self.program:
            renice(os.PRIO_PGRP, self.program, LOWEST_PRIORITY)
            renice_session(self.program, LOWEST_PRIORITY)
            self.is_quiet = True

    def is_ready(self):
        """Hears that the runtime stands, and gives it the usual priority: from here on it sleeps."""
        try:
            if os.read(self.output.descriptor, 1) == b"":
                return False
        except OSError:
            return False
        if self.handle < 0:
            self.hear()
        init = holding.process_of(self.handle)
        self.program = first_child(init)
        if MAY_HASTEN and self.program:
            renice(os.PRIO_PROCESS, init, USUAL_PRIORITY)
            renice(os.PRIO_PGRP, self.program, USUAL_PRIORITY)
            renice_session(self.program, USUAL_PRIORITY)
        return self.program != 0

    def can_take(self, fields, body):
        """Whether the process can be to this request what one of its own would be."""
        own, job_length = self.fields, fields[wire.JOB_FIELD]
        *_, files_length = wire.JOB.unpack_from(body)
        if fields[5] != own[5] or files_length > 0 or len(body) > fcntl.fcntl(self.feed, F_GETPIPE_SZ):
            return False
        # CPU, processes, open files, file size
        pairs = [(fields[at], own[at]) for at in (4, 6, 7, 8)]
        if not MAY_RAISE and any(asked > kept for asked, kept in pairs):
            return False
        if self.group is not None and fields[6] != own[6]:
            return False
        code_length, args_length, *_ = wire.JOB.unpack_from(body)
        pairs = bytes(body[wire.JOB.size + code_length + args_length : job_length])
        return not any(pair.startswith(READ_AT_START) for pair in pairs.decode().split("\0"))

    def adopt(self, fields, body):
        """Becomes the request's run and gives the process its program; False when it is gone."""
        (_, self.number, _, self.wall, self.cpu, _, _, _, _, self.cap, _, _, self.flags, *_) = fields
        self.most_files, self.most_file_bytes = fields[-2:]
        told = body[: fields[wire.JOB_FIELD] + fields[wire.INPUT_FIELD]]
        self.patterns = bytes(body[len(told) :])
        for stream in self.streams:
            stream.cap = self.cap
        try:
            self.spent = accounting.cpu_clock(self.program)
            self.limit(fields)
            self.since = self.begun = time.monotonic()
            self.overdue = self.begun + self.wall + GRACE_SECONDS
            if not self.is_ours_to_hold:
                self.status.send(wire.ADOPTION.pack(wire.ADOPTED, self.wall, self.cpu))
            taken = os.write(self.feed, told) == len(told)
        except OSError:
            return False
        self.close_feed()
        return taken

    def limit(self, fields):
        """Sets what the request wants otherwise than the process was started with."""
        if fields[4] == self.fields[4] and fields[6:9] == self.fields[6:9]:
            return
        started, asked = (limits_of(some) for some in (self.fields, fields))
        for name, pair in asked.items():
            if pair != started[name]:
                resource.prlimit(self.program, steps.LIMITS[name], pair)

    def last_words(self):
        """Why it ended, as far as it said."""
        self.streams[1].drain()
        return bytes(self.streams[1].kept[:300]).decode(errors="replace") or "without a word"

    def kill(self):
        """Ends it."""
        if self.handle >= 0:
            holding.kill(self.handle)

    def close_feed(self):
        """Lets go of the input's other end: the program then reads its end."""
        if self.feed >= 0:
            os.close(self.feed)
            self.feed = -1

    def close(self):
        """Lets go of everything."""
        self.close_feed()
        super().close()


def limits_of(fields):
    """What confine.py or slots.py sets for a request."""
    _, _, language, _, cpu, memory, processes, files, file_size, *_ = fields
    return program.limits(language, cpu, memory, processes + (not PRIVILEGED), files, file_size)


def first_child(process):
    """The first child of a run's init, which is the program; 0 when there is none."""
    if process == 0:
        return 0
    words = accounting.read(f"/proc/{process}/task/{process}/children").split()
    return int(words[0]) if words else 0


def session_of(process):
    """The session of a process; 0 when it has just ended."""
    try:
        return os.getsid(process)
    except OSError:
        return 0


def renice(kind, target, priority):
    """Sets a priority: of a process, or of every thread of its group. One that has just ended needs none."""
    try:
        os.setpriority(kind, target, priority)
    except OSError:
        pass


def renice_session(process, priority):
    """Where the scheduler groups tasks by session, a priority counts only inside it: sets the group's."""
    try:
        with open(f"/proc/{process}/autogroup", "w", encoding="ascii") as file:
            file.write(str(priority))
    except OSError:
        pass
