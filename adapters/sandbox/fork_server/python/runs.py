"""One run as the broker sees it: its descriptors, what it wrote, and its reply."""

import array
import fcntl
import os
import socket
import time

import wire

READ_SIZE = 1 << 16
FLOOD_FACTOR = 64
F_ADD_SEALS, ALL_SEALS = 1033, 15
FLOOD, UNKNOWN = b"f", b"the run's init ended without a word"


class Stream:
    """One output of a program: kept up to its cap, then counted and dropped."""

    def __init__(self, cap):
        self.descriptor, self.writer = os.pipe()
        os.set_blocking(self.descriptor, False)
        # Another uid must be able to open /dev/stdout again.
        os.fchmod(self.writer, 0o666)
        self.cap = cap
        self.kept = bytearray()
        self.written = 0

    def read(self):
        """Takes one chunk; False at the end."""
        try:
            chunk = os.read(self.descriptor, READ_SIZE)
        except BlockingIOError:
            return True
        self.written += len(chunk)
        room = self.cap - len(self.kept)
        if room > 0:
            self.kept += chunk[:room]
        return bool(chunk)

    def drain(self):
        """Takes all that is in the pipe once nobody writes any more."""
        if self.descriptor < 0:
            return
        before = -1
        while before != self.written:
            before = self.written
            self.read()

    def close(self):
        """Lets go of the reading end."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


class Run:
    """One run in flight."""

    def __init__(self, fields):
        (_, self.number, self.language, self.wall, self.cpu, self.memory, self.processes,
         self.files, self.file_size, cap, self.job_length, self.input_length) = fields
        self.streams = (Stream(cap), Stream(cap))
        self.status, self.far_status = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.deadline = time.monotonic() + self.wall

    def start(self, control, frame):
        """Hands the run to the forker, with everything it needs as descriptors."""
        body = memoryview(frame)[wire.REQUEST.size :]
        job = sealed("job", body[: self.job_length])
        descriptors = [job, *(stream.writer for stream in self.streams), self.far_status.fileno()]
        has_input = self.input_length > 0
        if has_input:
            descriptors.append(sealed("input", body[self.job_length :]))
        order = wire.ORDER.pack(self.language, self.number, self.wall, self.cpu, self.memory,
                                self.processes, self.files, self.file_size, has_input)
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))
        control.sendmsg([order], [rights])
        self.far_status.close()
        for descriptor in (job, *(stream.writer for stream in self.streams), *descriptors[4:]):
            os.close(descriptor)

    def floods(self):
        """Whether the program writes far more than anybody will read."""
        return any(stream.written > FLOOD_FACTOR * stream.cap for stream in self.streams)

    def stop_flood(self):
        """Has the init end the run for its output. Saying it twice does no harm."""
        try:
            self.status.send(FLOOD, socket.MSG_DONTWAIT)
        except OSError:
            pass

    def cancel(self):
        """Has the init end the run."""
        try:
            self.status.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def reply(self, word):
        """The frame that answers the request."""
        out, err = self.streams
        if len(word) != wire.ENDING.size or word[0] != wire.ENDED:
            text = word[1:] or UNKNOWN
            ending = (wire.FAULT, 0, 0, 0, 0, 0, 0)
            head = wire.REPLY.pack(self.number, *ending, False, False, len(text), 0)
            return head + text
        truncated = (out.written > len(out.kept), err.written > len(err.kept))
        lengths = (len(out.kept), len(err.kept))
        head = wire.REPLY.pack(self.number, *wire.ENDING.unpack(word), *truncated, *lengths)
        return b"".join((head, out.kept, err.kept))


def sealed(name, content):
    """A file in memory that nobody can change, its position at the start."""
    descriptor = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    rest = content
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    fcntl.fcntl(descriptor, F_ADD_SEALS, ALL_SEALS)
    return descriptor
