"""Runs a test framework as a child process, and tells what came of it in lines of JSON on its own output.

The child is the caller's code and may do what it likes, but for this: what this process has open it can
neither open nor read nor change, since this process cannot be traced. So a line of this output was written
here, and says either what the child's own two outputs were or what came through the pipe that only the
framework's reporter was told of, word by word after a secret.

A line is [kind, seconds since the start, text]. The kinds: `told` by the reporter; `line` of the framework's
own report; `stdout` and `stderr` of the child in base64; `doubt`, something that is no report came through
its pipe; `full`, the child wrote too much, and was ended for that; `end`, always the last, how the child ended, as wait(2) gives it.
"""

import base64
import ctypes
import json
import os
import select
import sys
import time

WORK = "/tmp/work"
TESTS = f"{WORK}/tests"
PR_SET_DUMPABLE = 4
PIPE_BYTES = 65536
# What is past it of a line of a report is left out; the reporter's own, however they are escaped, are shorter.
LINE_BYTES = 65536
# All lines of reports together, and how often as much as is kept of an output: past it the child is ended.
REPORT_BYTES = 6 << 20
MOST_DROPPED = 64
SECRET_BYTES = 16
LINE_OVERHEAD = 40


class Output:
    """This process's own output."""

    def __init__(self):
        self.since = time.monotonic()
        self.descriptor = os.dup(1)
        self.room = REPORT_BYTES
        self.is_full = False

    def say(self, kind, text):
        """Writes one line."""
        line = json.dumps([kind, round(time.monotonic() - self.since, 4), text]) + "\n"
        rest = memoryview(line.encode())
        while rest:
            rest = rest[os.write(self.descriptor, rest):]

    def report(self, kind, line):
        """Writes a line of a report, if there is room for it."""
        self.room -= len(line) + LINE_OVERHEAD
        if self.room >= 0:
            self.say(kind, line.decode("utf-8", "replace"))
        else:
            self.fill()

    def fill(self):
        """Says that there was too much, once."""
        if not self.is_full:
            self.is_full = True
            self.say("full", None)


class Stream:
    """One of the child's two outputs, kept up to so many bytes."""

    def __init__(self, output, kind, cap):
        self.output, self.kind, self.cap = output, kind, cap
        self.taken = 0

    def take(self, data):
        """Passes on what there is room for, and then, once, that there was more."""
        kept = data[: max(0, self.cap - self.taken)]
        if kept:
            self.output.say(self.kind, base64.b64encode(kept).decode())
        if self.taken <= self.cap < self.taken + len(data):
            self.output.say(self.kind, None)
        self.taken += len(data)
        if self.taken > self.cap * MOST_DROPPED:
            self.output.fill()


class Lines:
    """A report, line by line."""

    def __init__(self, take):
        self.pass_on, self.pending, self.is_cut = take, b"", False

    def take(self, data):
        """Passes on the lines that are whole."""
        *whole, rest = (self.pending + data).split(b"\n")
        for line in whole:
            if not self.is_cut:
                self.pass_on(line[:LINE_BYTES])
            self.is_cut = False
        if len(rest) > LINE_BYTES and not self.is_cut:
            self.pass_on(rest[:LINE_BYTES])
            self.is_cut = True
        self.pending = b"" if self.is_cut else rest


class Reporter:
    """What comes through the reporter's pipe. `streams`: what it says that the child's outputs are."""

    def __init__(self, output, secret, streams):
        self.output, self.secret, self.streams = output, secret.encode() + b" ", streams

    def take_line(self, line):
        """Passes on a line that begins with the secret, and tells of one that does not."""
        if not line.startswith(self.secret):
            self.output.report("doubt", b"")
            return
        word = line[len(self.secret):]
        stream = self.streams.get(word[:1])
        if stream is None:
            self.output.report("told", word)
        else:
            stream.take(base64.b64decode(word[1:]))


def relay(takers, child, output):
    """Passes on what the child writes until it has ended; its wait status."""
    handle = os.pidfd_open(child)
    poll = select.poll()
    for descriptor in (handle, *takers):
        poll.register(descriptor, select.POLLIN)
    while True:
        ready = [descriptor for descriptor, _ in poll.poll()]
        for descriptor in ready:
            if descriptor != handle and not drain(descriptor, takers[descriptor]):
                poll.unregister(descriptor)
        if output.is_full:
            os.kill(child, 9)
        if handle in ready:
            break
    for descriptor, taker in takers.items():
        # What a child of the child still writes is nobody's report.
        for _ in range(REPORT_BYTES // PIPE_BYTES):
            if not drain(descriptor, taker):
                break
    return os.waitpid(child, 0)[1]


def drain(descriptor, taker):
    """Takes what is there; False where nothing is, and at the end."""
    try:
        data = os.read(descriptor, PIPE_BYTES)
    except BlockingIOError:
        return False
    taker.take(data)
    return data != b""


def hide(is_hidden):
    """Keeps other processes of this user from tracing this one, and from opening what it has open."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0 if is_hidden else 1, 0, 0, 0)


def start(command, streams, closed):
    """A child that has these descriptors as its first three."""
    child = os.fork()
    if child != 0:
        return child
    try:
        for target, descriptor in enumerate(streams):
            os.dup2(descriptor, target)
        for descriptor in closed:
            os.close(descriptor)
        # What tests do to their process group is not done to this one's parent.
        os.setsid()
        os.chdir(TESTS)
        hide(False)
        command()
    except BaseException as error:
        os.write(2, f"Cannot start the tests: {error!r}\n".encode())
    finally:
        os._exit(125)


def pipe():
    """A pipe, read without waiting."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    # Another opening of /dev/stdout has to be allowed.
    os.fchmod(writer, 0o666)
    return reader, writer


def main():
    """One run of tests, as the order on standard input has it."""
    order = json.load(sys.stdin)
    hide(True)
    output = Output()
    secret = os.urandom(SECRET_BYTES).hex()
    side = __import__(order["side"])
    sys.modules.pop(order["side"])
    sys.path.remove(WORK)
    (out, out_writer), (err, err_writer) = pipe(), pipe()
    stdout = Stream(output, "stdout", order["stream_bytes"])
    stderr = Stream(output, "stderr", order["stream_bytes"])
    told, told_writer, command = side.prepare(order, secret)
    reporter = Reporter(output, secret, {b"1": stdout, b"2": stderr})
    own = Lines(lambda line: output.report("line", line)) if side.REPORTS_ON_OUTPUT else stdout
    takers = {out: own, err: stderr, told: Lines(reporter.take_line)}
    ours = [output.descriptor, out, err, told, out_writer, err_writer]
    null = os.open("/dev/null", os.O_RDWR)
    child = start(command, (null, out_writer, err_writer), [*ours, null])
    for descriptor in (null, out_writer, err_writer, 0, 1, *told_writer):
        os.close(descriptor)
    status = relay(takers, child, output)
    output.say("end", status)
    os._exit(0)


if __name__ == "__main__":
    main()
