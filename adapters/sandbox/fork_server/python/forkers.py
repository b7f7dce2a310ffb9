"""The forkers as the broker sees them: what each said of itself, and which one a run starts from."""

import namespaces
import wire

# What a library reads when it is imported: a run that sets it has to import the library itself.
THREAD_SETTING = b"_NUM_THREADS="
LONGEST_WORD = 4096
NO_WORD = "a forker ended without a word"


class Forker:
    """One forker that stands."""

    def __init__(self, control, word, executes=False):
        self.control = control
        # Whether what it starts needs no copy of it.
        self.executes = executes
        starter, shared, can_place = word[1:].decode().split()
        self.starter = starter
        # Whether it can start a program in a cgroup of its own.
        self.can_place = bool(int(can_place))
        # Bytes that each copy of it shares with it.
        self.shared = int(shared)


class Forkers:
    """The forker of executed programs, and the line of those that are copied (preload.py)."""

    def __init__(self, controls, modules):
        self.controls = controls
        self.modules = modules
        self.standing = []
        # [(package as a program names it, forker that has it and all before it)]
        self.line = []
        # {module: why it is not there ahead}
        self.absent = {}

    def listen(self, pid):
        """Waits until each has said whether it stands; why nothing can run, or None.

        `pid` is the process of the first, which may ask for its id maps.
        """
        first = self.controls[0].recv(LONGEST_WORD)
        if first == b"M":
            namespaces.map_range(pid)
            self.controls[0].send(b"M")
            first = self.controls[0].recv(LONGEST_WORD)
        words = [first, *(control.recv(LONGEST_WORD) for control in self.controls[1:])]
        for control, word in zip(self.controls[:2], words):
            if word[:1] != wire.STANDS:
                return word[1:].decode() or NO_WORD
            self.standing.append(Forker(control, word, executes=len(self.standing) == 1))
        for module, control, word in zip(self.modules, self.controls[2:], words[2:]):
            if word[:1] == wire.STANDS:
                self.standing.append(Forker(control, word))
                self.line.append((module.partition(".")[0].encode(), self.standing[-1]))
            else:
                self.absent[module] = word[1:].decode("utf-8", "replace") or NO_WORD
        return None

    def can_place(self):
        """Whether every run can have a cgroup of its own."""
        return all(forker.can_place for forker in self.standing)

    def report(self):
        """What the start report says of them."""
        return {
            "starters": [forker.starter for forker in self.standing[:2]],
            "preloaded": [name for name in self.modules if name not in self.absent],
            "not_preloaded": self.absent,
        }

    @property
    def programs(self):
        """The forker of what is executed; a launcher of containers starts everything."""
        return self.standing[:2][-1]

    def for_run(self, run, frame):
        """Where a run starts: for Python, at the first in the line that has every package it names."""
        code_length, args_length, pairs_length, files_length = wire.JOB.unpack_from(frame, wire.REQUEST.size)
        bare = self.standing[0]
        if run.language != wire.PYTHON:
            # Files are placed by a process of the run's own that can: a copy.
            return bare if files_length else self.programs
        start = wire.REQUEST.size + wire.JOB.size
        end = start + code_length
        words_end = end + args_length + pairs_length
        if not self.line or frame.find(THREAD_SETTING, end, words_end) >= 0:
            return bare
        named = [forker for package, forker in self.line if frame.find(package, start, end) >= 0]
        return named[-1] if named else bare
