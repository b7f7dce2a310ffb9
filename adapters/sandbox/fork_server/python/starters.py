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
import python_program
import run_init
import slots
import steps
import wire

# Descriptors below are what a run's own become, so what is received must lie above.
LOWEST_RECEIVED = 8
TRIAL_SECONDS = 5.0
# Commands kept for programs that bring no words: one a language and memory limit.
MOST_COMMANDS = 64
# What modules imported so far want done after a fork, such as `random` its seeding. Where there is
# nothing of the kind a copy of this process, which has one thread and holds no lock, is ready as it is.
AT_FORK = []


def note_at_fork():
    """Has `AT_FORK` tell what is registered from now on; the function that ends this."""
    register = os.register_at_fork

    def noted(**functions):
        AT_FORK.append(functions)
        register(**functions)

    def end():
        os.register_at_fork = register

    os.register_at_fork = noted
    return end


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
        self.commands = {}
        self.null = reserve_low_descriptors()
        self.pid = os.getpid()
        # Every copy is that process of its own namespace: nothing else could tell it from this one.
        if not executes and self.pid == steps.PROGRAM:
            raise OSError(f"a forker that is copied must not be process {steps.PROGRAM}")

    def start(self, order, descriptors):
        """Starts a run: a descriptor of its init. In a Python run it never returns."""
        slot = self.free_slot()
        slot.fill(order, descriptors, lowest_free(self.null), run_id(order))
        slot.fill_cgroup(wire.cgroup_of(order, descriptors))
        if self.executes:
            slot.fill_command(self.command_of(order, descriptors))
        self.run(slot.first)
        if os.getpid() != self.pid:
            if AT_FORK:
                ctypes.pythonapi.PyOS_AfterFork_Child()
            confine.enter_copied(order)
        return self.handle_of(slot)

    def command_of(self, order, descriptors):
        """What to execute. Most programs bring no words of their own, and share one command."""
        language, memory, ahead = order[0], order[4], order[wire.INPUT_KIND] == wire.AHEAD
        if order[wire.JOB_LENGTH] > wire.JOB.size + order[wire.CODE_LENGTH]:
            job = program.read_job(descriptors[wire.JOB_FILE], language, memory)
            return slots.Command(job.command(ahead), job.environment())
        if (language, memory, ahead) not in self.commands:
            if len(self.commands) >= MOST_COMMANDS:
                self.commands.clear()
            job = program.Program(language, memory, b"", [], b"")
            command = slots.Command(job.command(ahead), job.environment())
            self.commands[language, memory, ahead] = command
        return self.commands[language, memory, ahead]

    def handle_of(self, slot):
        """The init's descriptor, once a Python program has its copy of this process."""
        result = slot.table.result("make init")
        if result < 0:
            slot.put(slot.alive, bytes(4))
            raise OSError(-result, f"clone namespaces: {os.strerror(-result)}")
        while not self.executes and slot.number(slot.copied) == 0:
            self.run(slot.waiting)
        return slot.number(slot.handle)

    def free_slot(self):
        """A slot that no init uses."""
        for slot in self.slots:
            if slot.is_free():
                return slot
        self.slots.append(slots.Slot(self.bpf, self.executes, self.null, self.landlock))
        return self.slots[-1]


# How each tells its trial's end: the word's kind and shape, and where the wait status stands there.
TRIAL_WORDS = {TableStarter: (wire.ENDED_TABLE, wire.TABLE_ENDING, 1),
               PlainStarter: (wire.ENDED, wire.ENDING, 2)}


def choose(plan, bpf, executes):
    """(the fastest starter that passes a trial here, whether it can start runs in a cgroup of theirs).

    Tables need root: an ordinary user's init must write its own id maps, which the kernel allows only
    to a process whose memory its own program could then open.
    """
    starter = None
    if plan["privileged"] and not plan["plain"]:
        try:
            starter = TableStarter(bpf, executes, plan["landlock"])
            starter = starter if try_out(starter, executes) else None
        except (OSError, AttributeError):
            starter = None
    starter = starter or PlainStarter(bpf, not plan["privileged"], plan["landlock"])
    return starter, plan["trial"] is not None and try_out(starter, executes, plan["trial"])


def try_out(starter, executes, *cgroup):
    """Runs a constant program: whether it ended well. Also takes every run's first steps once."""
    ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    code = b":" if executes else python_program.WARM_UP
    job = os.memfd_create("trial", os.MFD_CLOEXEC)
    os.write(job, wire.JOB.pack(len(code), 0, 0, 0) + code)
    language = wire.BASH if executes else wire.PYTHON
    length = wire.JOB.size + len(code)
    order = (language, 0, TRIAL_SECONDS, 5.0, 64 << 20, 8, 64, 1 << 20, length, len(code), wire.NO_INPUT,
             False)
    files = [job, *(os.open("/dev/null", os.O_WRONLY) for _ in range(2))]
    os.close(starter.start(order, [*files, theirs.fileno(), *cgroup]))
    theirs.close()
    for descriptor in files:
        os.close(descriptor)
    ready, _, _ = select.select([ours], [], [], TRIAL_SECONDS)
    word = ours.recv(slots.SIZE) if ready else b""
    ours.close()
    kind, ending, status = TRIAL_WORDS[type(starter)]
    return word[:1] == bytes([kind]) and ending.unpack(word)[status] == 0


def run_id(order):
    """The uid of a run: its own among all that are in flight."""
    ids = kernel.AHEAD_IDS if order[wire.INPUT_KIND] == wire.AHEAD else kernel.RUN_IDS
    return ids[order[1] % len(ids)]


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
