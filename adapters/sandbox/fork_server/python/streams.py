"""What goes between the broker and a program: its outputs, and files in memory for what it is given."""

import fcntl
import os

READ_SIZE = 1 << 16
# No run can make its pipes larger than they are made (seccomp.py).
LARGEST_PIPE = 1 << 16
F_ADD_SEALS, ALL_SEALS, F_GETPIPE_SZ = 1033, 15, 1032
# What is read goes through this: a buffer for each chunk would be made anew and cut down each time.
CHUNK = memoryview(bytearray(READ_SIZE))


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
        # How much of what is kept has been told as it came.
        self.told = 0

    def read(self):
        """Takes one chunk; False at the end."""
        try:
            size = os.readv(self.descriptor, (CHUNK,))
        except BlockingIOError:
            return True
        self.written += size
        room = self.cap - len(self.kept)
        if room > 0:
            self.kept += CHUNK[: min(size, room)]
        return size > 0

    def news(self):
        """What is kept and has not been told."""
        news = self.kept[self.told :]
        self.told = len(self.kept)
        return news

    def drain(self):
        """Takes what the pipe holds once the run is over, and no more than one can hold."""
        if self.descriptor < 0:
            return
        end = self.written + LARGEST_PIPE
        before = -1
        while before != self.written and self.written < end:
            before = self.written
            self.read()

    def hand_over(self):
        """Lets go of the writing end, which is the run's now."""
        os.close(self.writer)

    def close(self):
        """Lets go of the reading end."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def sealed(name, content):
    """A file in memory that nobody can change, its position at the start."""
    descriptor = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    rest = content
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    fcntl.fcntl(descriptor, F_ADD_SEALS, ALL_SEALS)
    return descriptor
