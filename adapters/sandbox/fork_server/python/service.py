"""The broker's half: requests in, supervised runs, replies out, on one epoll loop."""

import json
import os
import resource
import select
import socket
import sys
import time

import namespaces
import wire
from pool import Pool
from runs import Run

READ_SIZE = 1 << 16
TICK_SECONDS = 0.02
BROKEN = 3


def serve(plan, controls, pid):
    """Waits for the forker to stand, says how that went, then serves; never returns."""
    failure, starters = await_forkers(controls, pid)
    raise_descriptor_limit()
    outlet = Outlet()
    outlet.send(start_report(plan, failure, starters))
    outlet.finish()
    if failure is not None:
        os._exit(1)
    Service(controls, outlet).loop()


def raise_descriptor_limit():
    """A run in flight needs up to six descriptors here."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def await_forkers(controls, pid):
    """(why the walls could not be put up or None, how each forker starts its runs)."""
    starters = []
    try:
        message = controls[0].recv(4096)
        if message == b"M":
            namespaces.map_range(pid)
            controls[0].send(b"M")
            message = controls[0].recv(4096)
        for control in controls:
            message = message if control is controls[0] else control.recv(4096)
            if message[:1] != b"R":
                return message[1:].decode() or "a forker ended without a word", starters
            starters.append(message[1:].decode())
    except OSError as error:
        return str(error), starters
    return None, starters


def start_report(plan, failure, starters):
    """The one reply with the id START."""
    interpreter = os.path.realpath(sys.executable)
    report = {
        "failure": failure,
        "interpreter": interpreter,
        "version": sys.version.split()[0],
        "layers": namespaces.layers(plan),
        "missing": namespaces.missing(plan),
        "starters": starters,
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

    def __init__(self, controls, outlet):
        self.copies, self.programs = controls
        self.outlet = outlet
        self.epoll = select.epoll()
        self.handlers = {}
        self.runs = {}
        self.inbox = bytearray()
        self.writing = False
        self.next_look = 0.0
        self.pool = Pool(self)

    def loop(self):
        """Serves until the input ends or the forker does."""
        os.set_blocking(0, False)
        os.set_blocking(1, False)
        self.watch(0, self.take_input)
        for control in (self.copies, self.programs):
            self.watch(control.fileno(), self.lose_forker)
        while True:
            for descriptor, _ in self.epoll.poll(TICK_SECONDS if self.runs else self.pool.rest()):
                handler = self.handlers.get(descriptor)
                if handler is not None:
                    handler()
            self.pool.tend()
            self.push_output()
            self.look_at_runs()

    def watch(self, descriptor, handler):
        """Calls `handler` whenever the descriptor is readable."""
        self.handlers[descriptor] = handler
        self.epoll.register(descriptor, select.EPOLLIN)

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
        os._exit(BROKEN)

    def take_input(self):
        """Reads what the service sent and acts on every whole frame."""
        chunk = os.read(0, READ_SIZE)
        if not chunk:
            os._exit(0)
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
        elif operation == wire.CANCEL and number in self.runs:
            self.runs[number].end(wire.BY_ORDER)
        elif operation == wire.COUNT:
            opened = len(os.listdir(f"/proc/{os.getppid()}/fd"))
            self.outlet.send(wire.telling(number, str(opened).encode()))

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
            run.start(self.copies if run.language == wire.PYTHON else self.programs, frame)
        except (BrokenPipeError, ConnectionResetError):
            os._exit(BROKEN)
        except OSError as error:
            run.close()
            self.outlet.send(run.fault(str(error).encode()))
            return
        self.attend(run)

    def attend(self, run):
        """Watches a run from its beginning to its end."""
        self.runs[run.number] = run
        self.watch(run.status.fileno(), lambda: self.take_status(run))
        for stream in run.streams:
            self.watch(stream.descriptor, lambda stream=stream: self.take_stream(run, stream))

    def take_stream(self, run, stream):
        """Reads what the program wrote."""
        if not stream.read():
            self.forget(stream.descriptor)
            stream.close()
        elif run.floods():
            run.end(wire.BY_OUTPUT)

    def take_status(self, run):
        """Hears a run's init. Once nobody is left to speak the run is over and nothing of it lives."""
        if run.hear():
            return
        self.forget(run.status.fileno())
        for stream in run.streams:
            stream.drain()
            self.forget(stream.descriptor)
        del self.runs[run.number]
        self.pool.end(run)
        self.outlet.send(run.reply())
        run.close()
