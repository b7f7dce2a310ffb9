"""The broker's half: requests in, supervised runs, replies out, on one epoll loop."""

import collections
import json
import os
import resource
import select
import sys
import time

import namespaces
import sights
import wire
from collecting import Collector
from forkers import Forkers
from pool import Pool
from relay import Relay
from runs import Run

READ_SIZE = 1 << 16
TICK_SECONDS, UNREAD_SECONDS = 0.02, 0.004
BROKEN = 3


def serve(plan, controls, pid, groups):
    """Waits for the forker to stand, says how that went, then serves; never returns."""
    forkers = Forkers(controls, plan["preload"])
    try:
        failure = forkers.listen(pid)
    except OSError as error:
        failure = str(error)
    plan["accounted"] = groups is not None and forkers.can_place() and groups.settle()
    raise_descriptor_limit()
    outlet = Outlet()
    outlet.send(start_report(plan, failure, forkers))
    outlet.finish()
    if failure is not None:
        leave(1, groups)
    Service(forkers, outlet, groups, plan["accounted"]).loop()


def leave(code, groups):
    """Ends the broker, and first whoever is left in its cgroups."""
    if groups is not None:
        groups.close()
    os._exit(code)


def raise_descriptor_limit():
    """A run in flight needs up to six descriptors here, and four more where it has a cgroup."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def start_report(plan, failure, forkers):
    """The one reply with the id START."""
    interpreter = os.path.realpath(sys.executable)
    report = {
        "failure": failure,
        "interpreter": interpreter,
        "version": sys.version.split()[0],
        "layers": namespaces.layers(plan),
        "missing": namespaces.missing(plan),
        **forkers.report(),
        "bash": os.path.exists("/usr/bin/bash"),
    }
    return wire.telling(wire.START, json.dumps(report).encode())


class Outlet:
    """Frames to the service, without ever waiting for it to read."""

    def __init__(self):
        self.pending = bytearray()
        os.set_blocking(1, True)

    def send(self, frame):
        """Queues one frame."""
        self.pending += wire.LENGTH.pack(len(frame)) + frame

    def finish(self):
        """Writes all that is pending, waiting if need be."""
        while self.pending:
            del self.pending[: os.write(1, self.pending)]

    def flush(self):
        """Writes what the pipe takes; True when nothing is left."""
        try:
            while self.pending:
                del self.pending[: os.write(1, self.pending)]
        except BlockingIOError:
            return False
        return True


class Service:
    """All runs in flight, and the loop that turns kernel events into their progress."""

    def __init__(self, forkers, outlet, groups, accounted):
        self.groups, self.accounted = groups, accounted
        self.forkers = forkers
        self.outlet = outlet
        self.epoll = select.epoll()
        self.handlers = {}
        self.runs = {}
        self.inbox = bytearray()
        self.writing = False
        self.next_look = 0.0
        # [(when its streams are to be read, run)], the earliest first
        self.unread = collections.deque()
        self.pool = Pool(self)
        self.relay = Relay(self)
        self.collector = Collector(self.answer)

    def loop(self):
        """Serves until the input ends or the forker does."""
        os.set_blocking(0, False)
        os.set_blocking(1, False)
        self.watch(0, self.take_input)
        for forker in self.forkers.standing:
            self.watch(forker.control.fileno(), self.lose_forker)
        while True:
            events = self.epoll.poll(self.rest())
            for descriptor, _ in events:
                handler = self.handlers.get(descriptor)
                if handler is not None:
                    handler()
            self.read_streams()
            self.relay.tend()
            self.pool.tend()
            self.collector.tend(is_busy=bool(events))
            self.push_output()
            self.look_at_runs()

    def watch(self, descriptor, handler, events=select.EPOLLIN):
        """Calls `handler` whenever the descriptor is readable, or whatever else `events` says."""
        self.handlers[descriptor] = handler
        self.epoll.register(descriptor, events)

    def forget(self, descriptor):
        """Undoes `watch`. Must come before the descriptor is closed."""
        if self.handlers.pop(descriptor, None) is not None:
            self.epoll.unregister(descriptor)

    def push_output(self):
        """Sends pending replies, and watches for room only while some are left."""
        done = self.outlet.flush()
        if done == self.writing:
            self.writing = not done
            if self.writing:
                self.handlers[1] = self.push_output
                self.epoll.register(1, select.EPOLLOUT)
            else:
                self.handlers.pop(1)
                self.epoll.unregister(1)

    def look_at_runs(self):
        """Holds the runs that last to their limits."""
        now = time.monotonic()
        if now < self.next_look:
            return
        self.next_look = now + TICK_SECONDS
        for run in self.runs.values():
            run.look(now)

    def lose_forker(self):
        """Nothing can be run any more."""
        leave(BROKEN, self.groups)

    def take_input(self):
        """Reads what the service sent and acts on every whole frame."""
        chunk = os.read(0, READ_SIZE)
        if not chunk:
            leave(0, self.groups)
        self.inbox += chunk
        at, head = 0, wire.LENGTH.size
        while len(self.inbox) >= at + head:
            (size,) = wire.LENGTH.unpack_from(self.inbox, at)
            if len(self.inbox) < at + head + size:
                break
            self.act(bytes(self.inbox[at + head : at + head + size]))
            at += head + size
        del self.inbox[:at]

    def act(self, frame):
        """Does what one frame asks for."""
        fields = wire.REQUEST.unpack_from(frame)
        operation, number = fields[:2]
        if operation == wire.RUN:
            self.begin(fields, frame)
        elif operation == wire.KEEP:
            self.pool.keep(fields, frame)
        elif operation == wire.CANCEL:
            self.cancel(number)
        elif operation == wire.TAKEN and number in self.runs:
            self.relay.taken(self.runs[number], fields[wire.MEMORY_FIELD])
        elif operation in sights.SIGHTS:
            seen = sights.SIGHTS[operation](frame[wire.REQUEST.size :].decode())
            self.outlet.send(wire.telling(number, seen.encode()))

    def cancel(self, number):
        """Ends a run; of one that has ended, what brings its files back."""
        if number in self.runs:
            self.runs[number].end(wire.BY_ORDER)
        else:
            self.collector.cut(number)

    def begin(self, fields, frame):
        """Begins a run: in a process that waits for one where there is, else in a new one."""
        run = self.pool.adopt(fields, memoryview(frame)[wire.REQUEST.size :])
        if run is None:
            self.start(Run(fields), frame)
        else:
            self.attend(run)

    def start(self, run, frame):
        """Hands a run to the forker and watches it."""
        try:
            if self.accounted:
                run.join(self.groups)
            run.start(self.forkers.for_run(run, frame), frame)
        except (BrokenPipeError, ConnectionResetError):
            leave(BROKEN, self.groups)
        except OSError as error:
            self.outlet.send(run.fault(str(error).encode()))
            self.put_away(run)
            return
        self.attend(run)

    def attend(self, run):
        """Watches a run from its beginning to its end."""
        self.runs[run.number] = run
        # Most end before anything needs to be read: only then is there something to wake up for.
        self.watch(run.status.fileno(), lambda: self.take_status(run), select.EPOLLRDHUP)
        self.unread.append((time.monotonic() + UNREAD_SECONDS, run))

    def read_streams(self):
        """Begins to read what runs write that have lasted a while; until then it waits in their pipes."""
        now = time.monotonic()
        while self.unread and self.unread[0][0] <= now:
            _, run = self.unread.popleft()
            if self.runs.get(run.number) is run:
                for stream in run.streams:
                    self.read_stream(run, stream)

    def read_stream(self, run, stream):
        """Reads one stream from now on."""
        if run.is_streamed:
            self.relay.watch(run, stream)
        else:
            self.watch(stream.descriptor, lambda: self.take_stream(run, stream))

    def rest(self):
        """How long the loop may sleep."""
        resting = self.collector.rest()
        if resting is not None:
            return resting
        due = [line[0][0] for line in (self.unread, self.relay.resting) if line]
        if due:
            return max(0.0, min(due) - time.monotonic())
        return TICK_SECONDS if self.runs else self.pool.rest()

    def take_stream(self, run, stream):
        """Reads what the program wrote."""
        if not stream.read():
            self.forget(stream.descriptor)
            stream.close()
        elif run.floods():
            run.end(wire.BY_OUTPUT)

    def take_status(self, run):
        """Hears a run's init. Once nobody is left to speak the run is over, its init's last steps aside."""
        if run.hear():
            return
        self.forget(run.status.fileno())
        for stream in run.streams:
            stream.drain()
            self.forget(stream.descriptor)
        del self.runs[run.number]
        if run.is_streamed:
            self.relay.end(run)
        self.pool.end(run)
        run.conclude()
        collection = run.collection()
        if collection is None and run.tmp < 0:
            self.answer(run)
        else:
            self.collector.add(run, collection)

    def answer(self, run, *files):
        """Tells how a run ended, and lets go of it."""
        self.outlet.send(run.reply(*files))
        self.put_away(run)

    def put_away(self, run):
        """Lets go of all that a run had."""
        run.close()
        if run.group is not None:
            self.groups.release(run.group)
