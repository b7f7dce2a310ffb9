"""The memory of one run in flight: its table, and every field that a row points to."""

import ctypes
import mmap
import os
import struct

import kernel
import landlock
import machine
import program
import steps
import wire

SIZE = 4 * mmap.PAGESIZE
# What is said of a table that failed: the kind of word, and which rows it has.
LANDLOCK, TABLE = 1, 8
NUMBER, TWO_NUMBERS, THREE_NUMBERS = struct.Struct("<Q"), struct.Struct("<QQ"), struct.Struct("<QQQ")
SMALL_NUMBER = struct.Struct("<i")
CLONE_ARGUMENTS = struct.Struct("<11Q")
CLEAR_HANDLERS, SHARED_MEMORY, SUSPEND_PARENT = 1 << 32, 0x100, 0x4000
CLEAR_WHEN_GONE, TELL_CHILD_ID = 0x200000, 0x1000000
# Where clone3's last argument stands.
CLONE_CGROUP = 80
INIT_NAMESPACES = kernel.NEWPID | kernel.NEWNS | kernel.NEWIPC
CAPABILITY_VERSION = 0x20080522
TEXTS = {"proc": b"proc", "proc_path": b"/proc", "proc_options": b"subset=pid", "tmpfs": b"tmpfs",
         "tmp_path": b"/tmp", "work_path": program.WORK.encode()}
# `struct msghdr`: name, its length, texts, their number, what goes beside them, its length, flags
MESSAGE, MESSAGE_RIGHTS_SIZE = struct.Struct("<7Q"), 40


class Slot:
    """A table and its fields. Fields are addresses; `place(name)` says where they lie in memory."""

    def __init__(self, bpf, executes, null, landlock_version):
        self.memory = mmap.mmap(-1, SIZE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.base = machine.address_of(self.memory)
        self.next = SIZE // 2
        self.executes = executes
        self.null = null
        self.landlock = landlock_version
        self.limited_to = self.described = self.command = None
        self.filter = ctypes.addressof(bpf)
        self.add_fields()
        self.add_clone_arguments()
        self.add_rights()
        self.size = SIZE // 2
        rows = steps.rows(self, executes)
        assert TABLE + len(rows) * machine.RECORD.size <= SIZE // 2, "the table has outgrown its half"
        self.table = machine.Table(self.memory, TABLE, rows)
        self.memory[0], self.memory[LANDLOCK] = wire.FAULT_TABLE, self.landlock
        self.add_last_message()
        self.ids = [self.table.place(name, 0) for name in ("own group id", "own user id")]
        self.owners = [self.table.place(name, 1) for name in ("source's owner", "folder's owner")]
        self.first = machine.boxed(self.table.address)
        if not executes:
            self.waiting = machine.boxed(self.table.address_of("await copy"))

    def field(self, size, content=b""):
        """A new field's address."""
        place = self.next
        self.next = (place + size + 15) & ~15
        assert self.next <= SIZE, "a slot's fields have outgrown its half"
        self.memory[place : place + len(content)] = content
        return self.base + place

    def place(self, address):
        """Where a field lies in `memory`."""
        return address - self.base

    def add_fields(self):
        """Everything that rows point to."""
        for name, text in TEXTS.items():
            setattr(self, name, self.field(len(text) + 1, text))
        self.main_path, self.tmp_options = self.field(32), self.field(64)
        self.default_action, self.code_offset = self.field(32), self.field(8)
        self.copied, self.alive, self.handle = (self.field(8) for _ in range(3))
        self.limits = {name: self.field(16) for name in steps.LIMITS}
        header = struct.pack("<II", CAPABILITY_VERSION, 0)
        self.capability_header, self.no_capabilities = self.field(8, header), self.field(24)
        self.ending_size = wire.TABLE_ENDING.size
        self.ending = self.field(self.ending_size, bytes([wire.ENDED_TABLE]))
        self.wait_status, self.started = self.ending + 8, self.ending + 16
        self.ended, self.usage = self.ending + 32, self.ending + 48
        self.path = self.argv = self.envp = 0
        self.missing = self.field(64)
        self.last_text, self.last_message = self.field(16), self.field(MESSAGE.size)

    def add_clone_arguments(self):
        """How the init and the program are made."""
        flags = SHARED_MEMORY | CLEAR_HANDLERS | CLEAR_WHEN_GONE | INIT_NAMESPACES
        init = (flags | kernel.CLONE_PIDFD, self.handle, self.alive, 0, steps.SIGCHLD)
        thread_id = 0 if self.executes else kernel.thread_id_address()
        flags = CLEAR_HANDLERS | (TELL_CHILD_ID if thread_id else 0)
        if self.executes:
            flags |= SHARED_MEMORY | SUSPEND_PARENT
        made = (flags, 0, thread_id, 0, steps.SIGCHLD)
        self.program_flags, self.has_cgroup = flags, False
        size = CLONE_ARGUMENTS.size
        self.init_clone = self.field(size, CLONE_ARGUMENTS.pack(*init, *[0] * 6))
        self.program_clone = self.field(size, CLONE_ARGUMENTS.pack(*made, *[0] * 6))

    def add_rights(self):
        """What Landlock is asked for: the same for every run, but of the run's own folders."""
        if self.landlock:
            attributes = landlock.ruleset(self.landlock)
            self.ruleset, self.ruleset_size = self.field(len(attributes), attributes), len(attributes)
        self.rules = {}
        for number, folder in enumerate(landlock.RULES, steps.RULESET + 1):
            path, rule = os.fsencode(folder), landlock.rule(folder, self.landlock, number)
            self.rules[folder] = self.field(len(path) + 1, path), self.field(len(rule), rule)

    def add_last_message(self):
        """How the end is told: with the row that finds /tmp as what the message has beside it (steps.py)."""
        self.put(self.last_text, TWO_NUMBERS.pack(self.ending, self.ending_size))
        rights = self.base + self.table.place("find files", steps.RIGHTS_ARGUMENT)
        self.put(self.last_message, MESSAGE.pack(0, 0, self.last_text, 1, rights, 0, 0))
        self.hands_over = False

    def put(self, address, content):
        """Fills a field."""
        place = self.place(address)
        self.memory[place : place + len(content)] = content

    def number(self, address):
        """A field that holds a 32-bit number."""
        return SMALL_NUMBER.unpack_from(self.memory, self.place(address))[0]

    def is_free(self):
        """Whether the init that used this slot, if any, is gone: the kernel clears the field then."""
        return self.number(self.alive) == 0

    def fill(self, order, descriptors, source, uid):
        """Fills in what is a run's own. `source` is the descriptor that the init's next file gets.

        What is the same as for the run before stays: each page written to is a page copied.
        """
        language, _, _, *limits, _, code_length, kind, wants_files = order
        self.fill_last_message(wants_files or kind == wire.AHEAD)
        self.fill_descriptors(kind != wire.NO_INPUT, descriptors, source)
        for address in self.ids:
            THREE_NUMBERS.pack_into(self.memory, address, uid, uid, uid)
        for address in self.owners:
            TWO_NUMBERS.pack_into(self.memory, address, uid, uid)
        self.table.set("source text", 3, code_length)
        if self.limited_to != (language, *limits):
            self.fill_limits(language, *limits)
            self.limited_to = (language, *limits)
        NUMBER.pack_into(self.memory, self.code_offset - self.base, wire.JOB.size)
        NUMBER.pack_into(self.memory, self.copied - self.base, 0)
        NUMBER.pack_into(self.memory, self.alive - self.base, 1)

    def fill_descriptors(self, has_input, descriptors, source):
        """Says where in this process the run's descriptors are; mostly where those of the run before were."""
        job, output, error, status = descriptors[: wire.INPUT]
        entry = descriptors[wire.INPUT] if has_input else self.null
        if self.described == (job, output, error, status, source, entry):
            return
        self.described = job, output, error, status, source, entry
        for name in ("tell the end", "tell init's failure", "status"):
            self.table.set(name, 0, status)
        self.table.set("standard input", 0, entry)
        self.table.set("standard output", 0, output)
        self.table.set("standard error", 0, error)
        self.table.set("job", 0, job)
        self.table.set("source text", 0, source)
        self.table.set("source text", 1, job)

    def fill_last_message(self, hands_over):
        """Says whether the end is told with a descriptor of the run's /tmp."""
        if hands_over != self.hands_over:
            self.hands_over = hands_over
            size = steps.RIGHTS_SIZE if hands_over else 0
            self.put(self.last_message + MESSAGE_RIGHTS_SIZE, size.to_bytes(8, "little"))

    def fill_cgroup(self, cgroup):
        """Says in which cgroup the program starts: a descriptor, or None for the forker's own."""
        if cgroup is None and not self.has_cgroup:
            return
        self.has_cgroup = cgroup is not None
        flags = self.program_flags | (kernel.INTO_CGROUP if self.has_cgroup else 0)
        self.put(self.program_clone, flags.to_bytes(8, "little"))
        self.put(self.program_clone + CLONE_CGROUP, (cgroup or 0).to_bytes(8, "little"))

    def fill_command(self, command):
        """Says what to execute. Only for a slot that executes: no copy of this memory is ever a run."""
        if self.command is command:
            return
        self.command = command
        self.put(self.missing, command.missing)
        self.table.set("say it is missing", 2, len(command.missing))
        for argument, address in enumerate(command.addresses):
            self.table.set("become the program", argument, address)

    def fill_limits(self, language, cpu, memory, processes, files, file_size):
        """What the size of a run and its language decide."""
        self.put(self.main_path, f"{program.WORK}/{program.FILES[language]}\0".encode())
        self.put(self.tmp_options, f"{program.tmp_options(memory)}\0".encode())
        limits = program.limits(language, cpu, memory, processes, files, file_size)
        for name, pair in limits.items():
            TWO_NUMBERS.pack_into(self.memory, self.place(self.limits[name]), *pair)


class Command:
    """A path, arguments and variables as execve(2) takes them."""

    def __init__(self, words, environment):
        kept = [[os.fsencode(word) for word in words],
                [os.fsencode(f"{name}={value}") for name, value in environment.items()]]
        arrays = [(ctypes.c_char_p * (len(some) + 1))(*some, None) for some in kept]
        self.kept = kept, arrays
        self.missing = f"Cannot start {words[0]}\n".encode()[:64]
        path = ctypes.cast(arrays[0], ctypes.POINTER(ctypes.c_void_p))[0]
        self.addresses = path, *map(ctypes.addressof, arrays)
