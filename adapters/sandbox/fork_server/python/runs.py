"""One run as the broker sees it: its descriptors, what it wrote, and its reply."""

import _socket
import array
import os
import signal
import time

import closing
import javascript
import machine
import program
import slots
import steps
import wire
from collecting import Collection
from holding import Holder, kill
from streams import Stream, sealed

FLOOD_FACTOR = 64
# How long after its deadline an init may be silent before it is ended itself.
GRACE_SECONDS = 2.0
# Most runs end before anything is worth looking at.
UNWATCHED_SECONDS = 0.02
# What is heard goes through this.
WORDS = [memoryview(bytearray(slots.SIZE))]
ONE_HANDLE = _socket.CMSG_SPACE(4)
FLOOD, UNKNOWN = b"f", b"the run's init ended without a word"


class Run:
    """One run in flight."""

    def __init__(self, fields):
        (_, self.number, self.language, self.wall, self.cpu, self.memory, self.processes,
         self.files, self.file_size, self.cap, self.job_length, self.input_length,
         self.flags, self.patterns_length, self.most_files, self.most_file_bytes) = fields
        self.code_length = 0
        self.streams = ()
        self.status = None
        # Bytes that its program shares with the forker it is a copy of.
        self.inherited = 0
        # A descriptor of its init, and when that must have spoken, once it is known to live.
        self.handle = -1
        self.overdue = None
        self.sent = 0.0
        self.begun = None
        self.is_ours_to_hold = False
        self.holder = None
        # Its cgroup, where runs have one.
        self.group = None
        self.wanted_end = None
        self.word = b""
        # Of a process started ahead: its number among those, when its program came, CPU seconds till then.
        self.place = self.since = None
        self.spent = 0.0
        # Bytes told and not yet taken, and the streams that wait until they are.
        self.untaken = 0
        self.held = []
        # Whether its program becomes another by execve in memory of its own, or is a copy's first.
        self.executes = True
        # The patterns of the files to bring back, and a descriptor of its /tmp from when it has ended.
        self.patterns = b""
        self.tmp = -1

    def start(self, forker, frame):
        """Hands the run to a forker, with everything it needs as descriptors."""
        self.inherited = forker.shared if self.language == wire.PYTHON else 0
        self.executes = forker.executes
        self.sent = time.monotonic()
        body = memoryview(frame)[wire.REQUEST.size :]
        handed = []
        try:
            for _ in range(2):
                self.streams += (Stream(self.cap),)
            self.status, far_status = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
            handed.append(far_status.detach())
            self.supply(handed, body)
            self.order(forker.control, handed)
        finally:
            for descriptor in handed:
                os.close(descriptor)
            for stream in self.streams:
                stream.hand_over()

    def supply(self, handed, body):
        """Adds descriptors of the job and, where there is one, of the input."""
        self.code_length = wire.JOB.unpack_from(body)[0]
        self.patterns = bytes(body[self.job_length + self.input_length :])
        handed.append(sealed("job", body[: self.job_length]))
        if self.input_length > 0:
            handed.append(sealed("input", body[self.job_length : self.job_length + self.input_length]))

    def order(self, control, handed):
        """Sends the forker what a run needs, in the order of wire.py."""
        far_status, job, *source = handed
        outputs = [stream.writer for stream in self.streams]
        order = wire.ORDER.pack(self.language, self.number, self.wall, self.cpu, self.memory,
                                self.processes, self.files, self.file_size, self.job_length,
                                self.code_length, self.kind_of_input(source), self.patterns != b"")
        cgroup = [self.group.descriptor] if self.group is not None else []
        descriptors = array.array("i", [job, *outputs, far_status, *source, *cgroup])
        control.sendmsg([order], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, descriptors)])

    def kind_of_input(self, source):
        """The last field of an order."""
        return wire.INPUT_FILE if source else wire.NO_INPUT

    def hear(self):
        """Hears what has been said of the run; False when all who could speak are gone.

        The init and the forker each hold the socket's other end, and the init ends with its last word.
        """
        while True:
            try:
                size, ancillary, _, _ = self.status.recvmsg_into(WORDS, ONE_HANDLE, _socket.MSG_DONTWAIT)
            except BlockingIOError:
                return True
            except ConnectionResetError:
                # Said once, where an init has gone without hearing our word; its own are still there.
                continue
            except OSError:
                size = 0
            if size == 0:
                return False
            word = bytes(WORDS[0][:size])
            if word[0] in (wire.BEGUN, wire.BEGUN_TABLE):
                self.begin(word[0], ancillary)
                continue
            if self.word[:1] != bytes([wire.FAULT]):
                # What the program's own process could not put up is followed by its init's account.
                self.word = word
            for _, _, content in ancillary:
                self.tmp = int.from_bytes(content[:4], "little")

    def begin(self, kind, ancillary):
        """The run's init lives, or did when the forker said so: nobody listens before a run lasts."""
        self.begun = max(self.sent, time.monotonic() - UNWATCHED_SECONDS)
        self.overdue = self.begun + self.wall + GRACE_SECONDS
        for _, _, content in ancillary:
            if self.handle >= 0:
                os.close(self.handle)
            self.handle = int.from_bytes(content[:4], "little")
        self.is_ours_to_hold = kind == wire.BEGUN_TABLE and not self.word
        if self.is_ours_to_hold and self.wanted_end is not None:
            self.hold().end(self.wanted_end)

    def hold(self):
        """What holds the run to its limits; most runs end before they need it."""
        if self.holder is None:
            deadline = self.begun + self.wall
            memory = self.memory if self.group is None else None
            self.holder = Holder(self.handle, deadline, self.cpu + self.spent, memory, self.inherited)
        return self.holder

    def look(self, now):
        """Holds a run that lasts to its limits, and ends an init that should have spoken long ago."""
        if now < self.sent + UNWATCHED_SECONDS:
            return
        if self.begun is None:
            self.hear()
        if self.is_ours_to_hold:
            self.hold().look(now)
        # Such an init is one that the machine is too busy to let work; its namespace ends with it.
        if self.overdue is not None and now > self.overdue and self.handle >= 0:
            kill(self.handle)

    def end(self, cause):
        """Ends the run, now or as soon as it begins. Saying it twice does no harm."""
        if self.wanted_end is not None:
            return
        if self.begun is None:
            self.hear()
        self.wanted_end = cause
        if self.is_ours_to_hold:
            self.hold().end(cause)
            return
        try:
            if cause == wire.BY_OUTPUT:
                self.status.send(FLOOD, _socket.MSG_DONTWAIT)
            else:
                self.status.shutdown(_socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        """Lets go of everything."""
        for stream in self.streams:
            stream.close()
        if self.status is not None:
            self.status.close()
        if self.handle >= 0:
            os.close(self.handle)
            self.handle = -1
        if self.tmp >= 0:
            closing.close(self.tmp)
            self.tmp = -1

    @property
    def is_streamed(self):
        """Whether its caller hears of the outputs as they come."""
        return bool(self.flags & wire.STREAMED)

    def floods(self):
        """Whether the program writes far more than anybody will read."""
        return any(stream.written > FLOOD_FACTOR * stream.cap for stream in self.streams)

    def conclude(self):
        """Makes of what was heard, or was not, the last word on the run."""
        word = self.unpacked(self.word)
        if not word and self.holder is not None and self.holder.ended is not None:
            word = self.ending(self.holder.cause, signal.SIGKILL, time.monotonic() - self.begun, 0.0, 0)
        if not word and self.overdue is not None and time.monotonic() > self.overdue:
            word = wire.ENDING.pack(wire.ENDED, wire.BY_TIMEOUT, 9, self.wall, 0, 0, 0)
        if len(word) != wire.ENDING.size or word[0] != wire.ENDED:
            word = bytes([wire.FAULT]) + (word[1:] or UNKNOWN)
        elif self.group is not None:
            word = self.accounted(word)
        self.word = word

    def collection(self):
        """What brings the run's files back; None where nobody wants any, or waits for them."""
        if self.patterns == b"" or self.word[0] == wire.FAULT or self.word[1] == wire.BY_ORDER:
            return None
        source = program.FILES[self.language]
        return Collection(self.tmp, self.patterns, source, self.most_files, self.most_file_bytes)

    def reply(self, files=b""):
        """The frame that answers the request."""
        if self.word[0] == wire.FAULT:
            return self.fault(self.word[1:])
        out, err = self.streams
        truncated = (out.written > len(out.kept), err.written > len(err.kept))
        lengths = (len(out.kept), len(err.kept), len(files))
        head = wire.REPLY.pack(self.number, *wire.ENDING.unpack(self.word), *truncated, *lengths)
        return b"".join((head, out.kept, err.kept, files))

    def unpacked(self, word):
        """A table's last word as any other init would have said it."""
        if word[:1] == bytes([wire.FAULT_TABLE]):
            return bytes([wire.FAULT]) + failed_row(word, self.executes).encode()
        if word[:1] != bytes([wire.ENDED_TABLE]):
            return word
        _, status, *numbers = wire.TABLE_ENDING.unpack(word)
        start, start_ns, end, end_ns, user, user_us, system, system_us, largest = numbers[:9]
        cpu = user + system + (user_us + system_us) / 1e6 - self.spent
        begun = start + start_ns / 1e9 if self.since is None else self.since
        wall = end + end_ns / 1e9 - begun
        killed = status & 0x7F == signal.SIGKILL
        cause = self.holder.cause if self.holder is not None and killed else wire.BY_ITSELF
        return self.ending(cause, status, wall, cpu, largest * 1024)

    def ending(self, cause, status, wall, cpu, largest):
        """The word of an init, with what the broker has seen itself."""
        peak = 0
        if self.holder is not None:
            cpu = max(cpu, self.holder.tree.cpu - self.spent)
            peak = self.holder.tree.peak
        return wire.ENDING.pack(wire.ENDED, cause, status, wall, cpu, peak, largest)

    def accounted(self, word):
        """The word of an init, with the kernel's own account of the run's memory."""
        kind, cause, status, wall, cpu, _, _ = wire.ENDING.unpack(word)
        if cause == wire.BY_ITSELF and self.group.ran_out():
            cause = wire.BY_MEMORY
        return wire.ENDING.pack(kind, cause, status, wall, cpu, self.group.peak(), 0)

    def join(self, groups):
        """Takes a cgroup for the run. The threads that a runtime starts by itself are not the caller's."""
        threads = javascript.THREADS if self.language == wire.JAVASCRIPT else 0
        self.group = groups.take(self.memory, self.processes + threads)

    def fault(self, text):
        """The frame that says why the run could not be walled in."""
        ending = (wire.FAULT, 0, 0, 0, 0, 0, 0)
        return wire.REPLY.pack(self.number, *ending, False, False, len(text), 0, 0) + text


def failed_row(memory, executes):
    """Which row of a run's table failed, and why."""
    for i, name in enumerate(steps.names(executes, memory[slots.LANDLOCK])):
        place = slots.TABLE + i * machine.RECORD.size
        result = machine.RECORD.unpack_from(memory, place)[machine.RESULT_FIELD]
        if result < 0 and name not in steps.MAY_FAIL:
            return f"{name}: {os.strerror(-result)}"
    return "a row of the run's table failed"
