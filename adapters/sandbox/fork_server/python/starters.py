"""Two ways to start a run: by tables of system calls where this host lets them, else by plain forks."""

import _signal
import _socket
import ctypes
import os
import select

import confine
import kernel
import machine
import program
import run_init
import slots
import steps
import wire

# Descriptors below are what a run's own become, so what is received must lie above.
LOWEST_RECEIVED = 8
TRIAL_SECONDS = 5.0


class PlainStarter:
    """Forks an init that is a Python of its own; works wherever namespaces do."""

    begun = wire.BEGUN

    def __init__(self, bpf, nested, landlock):
        self.bpf = bpf
        self.landlock = landlock
        self.nested = nested
        self.flags = kernel.NEWPID | kernel.NEWNS | kernel.NEWIPC
        if nested:
            self.flags |= kernel.NEWUSER

    def start(self, order, descriptors):
        """Starts a run: a descriptor of its init. In the run itself it never returns."""
        handle = kernel.clone(self.flags)
        if handle is None:
            _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
            uid = None if self.nested else run_id(order)
            run_init.run(order, descriptors, uid, self.bpf, self.landlock)
        return handle


class TableStarter:
    """Lets the machine go through steps.py: one copy of this process a Python run, none for others."""

    begun = wire.BEGUN_TABLE

    def __init__(self, bpf, executes, landlock):
        self.bpf = bpf
        self.landlock = landlock
        self.executes = executes
        self.run = machine.load()
        self.slots = []
        self.null = reserve_low_descriptors()
        self.pid = os.getpid()

    def start(self, order, descriptors):
        """Starts a run: a descriptor of its init. In a Python run it never returns."""
        slot = self.free_slot()
        slot.fill(order, descriptors, lowest_free(self.null), run_id(order))
        has_input = order[-1]
        source = descriptors[wire.INPUT] if has_input else self.null
        slot.table.set("standard input", 0, source)
        if self.executes:
            job = program.read_job(descriptors[wire.JOB_FILE], order[0], order[4])
            slot.fill_command(job.command(), job.environment())
        self.run(slot.table.address)
        if os.getpid() != self.pid:
            ctypes.pythonapi.PyOS_AfterFork_Child()
            confine.enter_copied(order[0], order[4])
        return self.handle_of(slot)

    def handle_of(self, slot):
        """The init's descriptor, once a Python program has its copy of this process."""
        result = slot.table.result("make init")
        if result < 0:
            slot.put(slot.alive, bytes(4))
            raise OSError(-result, f"clone namespaces: {os.strerror(-result)}")
        while not self.executes and slot.number(slot.copied) == 0:
            self.run(slot.table.address_of("await copy"))
        return slot.number(slot.handle)

    def free_slot(self):
        """A slot that no init uses."""
        for slot in self.slots:
            if slot.is_free():
                return slot
        self.slots.append(slots.Slot(self.bpf, self.executes, self.landlock))
        return self.slots[-1]


def choose(plan, bpf, executes):
    """The fastest starter that passes a trial here.

    Tables need root: an ordinary user's init must write its own id maps, which the kernel allows only
    to a process whose memory its own program could then open.
    """
    if plan["privileged"] and not plan["plain"]:
        try:
            starter = TableStarter(bpf, executes, plan["landlock"])
            if try_out(starter):
                return starter
        except (OSError, AttributeError):
            pass
    return PlainStarter(bpf, not plan["privileged"], plan["landlock"])


def try_out(starter):
    """Runs a constant program: whether it ended well. Also takes every run's first steps once."""
    ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    code = b":" if starter.executes else program.WARM_UP
    job = os.memfd_create("trial", os.MFD_CLOEXEC)
    os.write(job, wire.JOB.pack(len(code), 0, 0) + code)
    language = wire.BASH if starter.executes else wire.PYTHON
    order = (language, 0, TRIAL_SECONDS, 5.0, 64 << 20, 8, 64, 1 << 20, False)
    output = os.open("/dev/null", os.O_WRONLY)
    os.close(starter.start(order, [job, output, output, theirs.fileno()]))
    theirs.close()
    os.close(output)
    os.close(job)
    ready, _, _ = select.select([ours], [], [], TRIAL_SECONDS)
    word = ours.recv(slots.SIZE) if ready else b""
    ours.close()
    return word[:1] == bytes([wire.ENDED_TABLE]) and wire.TABLE_ENDING.unpack(word)[1] == 0


def run_id(order):
    """The uid of a run: its own among all that are in flight."""
    return kernel.RUN_IDS[order[1] % len(kernel.RUN_IDS)]


def reserve_low_descriptors():
    """Opens /dev/null until no low descriptor is free; the last one opened."""
    while True:
        null = os.open("/dev/null", os.O_RDONLY)
        if null >= LOWEST_RECEIVED:
            return null


def lowest_free(any_descriptor):
    """The number that the next file opened here, or in a copy of our descriptors, will get."""
    probe = os.dup(any_descriptor)
    os.close(probe)
    return probe
