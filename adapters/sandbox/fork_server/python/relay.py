"""Outputs that are told while they come, as far as the caller keeps up."""

import collections
import time

import wire

# Bytes told and not yet taken, at most, but for a last chunk: past this the program's own pipe fills.
WINDOW = 1 << 18
# A program that writes byte by byte must not make a frame of each.
REST_SECONDS, WORTH_A_FRAME = 0.01, 1 << 14


class Relay:
    """The streams of all runs whose caller hears of them as they come."""

    def __init__(self, service):
        self.service = service
        # [(when it is to be watched again, run, stream)], the earliest first
        self.resting = collections.deque()

    def watch(self, run, stream):
        """Tells what comes next, unless the caller has enough to take."""
        if run.untaken >= WINDOW:
            run.held.append(stream)
        else:
            self.service.watch(stream.descriptor, lambda: self.take(run, stream))

    def take(self, run, stream):
        """Reads what the program wrote, and tells it."""
        self.service.forget(stream.descriptor)
        before = stream.written
        is_open = stream.read()
        self.tell(run, stream)
        if run.floods():
            run.end(wire.BY_OUTPUT)
        if not is_open:
            stream.close()
        elif stream.written - before >= WORTH_A_FRAME:
            self.watch(run, stream)
        else:
            self.resting.append((time.monotonic() + REST_SECONDS, run, stream))

    def tell(self, run, stream):
        """Sends what is kept of the stream and has not been told."""
        news = stream.news()
        if news:
            run.untaken += len(news)
            self.service.outlet.send(wire.told(run.number, run.streams.index(stream), news))

    def taken(self, run, size):
        """The caller has taken so much."""
        run.untaken -= size
        if run.untaken < WINDOW:
            held, run.held = run.held, []
            for stream in held:
                self.watch(run, stream)

    def tend(self):
        """Goes on with the streams that have rested."""
        now = time.monotonic()
        while self.resting and self.resting[0][0] <= now:
            _, run, stream = self.resting.popleft()
            if self.service.runs.get(run.number) is run:
                self.watch(run, stream)

    def end(self, run):
        """Tells the last of a run that is over."""
        for stream in run.streams:
            self.tell(run, stream)
