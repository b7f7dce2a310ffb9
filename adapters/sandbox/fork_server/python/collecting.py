"""Brings back files that a run left, once every process of it is dead.

From a descriptor of the run's /tmp on, folder by folder, no link is followed and nothing is opened that could
wait. It is done in small steps, between which the broker turns to other runs.
"""

import collections
import heapq
import os
import stat
import time

import closing
import patterns
import wire

STEP_SECONDS = 0.00025
# While other runs ask for something, a step is done in every so many turns of the broker.
TURNS_A_STEP = 4
# How long the broker rests where no step can be done before something is closed.
REST_SECONDS = 0.001
READ_SIZE = 1 << 17
# Bounds of one run's: names read in all folders together, names held against parts of patterns (at one place
# of the name, where a part may stand at many) with all other pieces of work, seconds of CPU, and how deep
# folders are gone into.
MOST_ENTRIES, MOST_MATCHES, MOST_SECONDS, DEEPEST = 20_000, 500_000, 2.0, 16
# Of what is left only so many are named.
MOST_NAMED = 100
WORK, HERE = "work", "."
WHOLE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY


class Collector:
    """All collections under way, each a step in its turn. `answer(run, files)` hears of each that is done.

    As long as too much of what runs have left waits to be let go, none goes on: until its run is answered, no
    other takes its place.
    """

    def __init__(self, answer):
        self.answer = answer
        self.waiting = collections.deque()
        self.passed = 0

    def add(self, run, collection):
        """Begins with the files of a run that has ended; None where nothing is to be brought back."""
        self.waiting.append((run, collection))

    def cut(self, number):
        """Ends the collection of a run, if one is under way: the answer comes next, with what there is."""
        for at, (run, collection) in enumerate(self.waiting):
            if run.number == number:
                if collection is not None:
                    collection.cut()
                del self.waiting[at]
                self.waiting.appendleft((run, collection))
                return

    def tend(self, is_busy):
        """Goes on for a step, if there is anything to do and, of a broker that is busy, it is its turn."""
        self.passed += 1
        if not self.waiting or (is_busy and self.passed < TURNS_A_STEP):
            return
        self.passed = 0
        end = time.monotonic() + STEP_SECONDS
        while self.waiting and not closing.is_behind():
            run, collection = self.waiting.popleft()
            if collection is None:
                self.answer(run, b"")
            elif collection.step(end):
                self.waiting.append((run, collection))
            else:
                self.answer(run, collection.encoded())
            if time.monotonic() >= end:
                return

    def rest(self):
        """How long the broker may sleep; None where nothing waits."""
        if not self.waiting:
            return None
        return REST_SECONDS if closing.is_behind() else 0.0


class Collection:
    """The wanted files of one ended run.

    `tmp` is a descriptor of its /tmp, or -1 where its init could hand none over; `source` the name of its own
    source, which only a pattern that names it in full wants.
    """

    def __init__(self, tmp, wanted, source, most_files, most_bytes):
        self.source = source
        self.most_files, self.room = most_files, most_bytes
        self.entries, self.matches, self.seconds = MOST_ENTRIES, MOST_MATCHES, MOST_SECONDS
        # [(path, pieces of the content)], [(path, size, reason)] and how many there would be in all.
        self.kept, self.named, self.left = [], [], 0
        self.has_stopped = False
        self.work = self.collect(tmp, wanted)

    def step(self, end):
        """Goes on until a time, or a little longer; False once nothing is left to do."""
        begun = time.thread_time()
        for _ in self.work:
            self.matches -= 1
            if time.monotonic() >= end:
                break
        else:
            return False
        # Not by the clock: how much else the machine has to do is nothing to this run's files.
        self.seconds -= time.thread_time() - begun
        if self.seconds <= 0:
            self.cut()
        return True

    def cut(self):
        """Leaves what is not yet done."""
        self.work.close()
        self.stop(HERE)

    def encoded(self):
        """The files of a reply, as wire.py has them."""
        parts = [wire.FILES.pack(len(self.kept), len(self.named), self.left)]
        for path, pieces in sorted((path.encode(), pieces) for path, pieces in self.kept):
            parts += [wire.FILE.pack(len(path), sum(map(len, pieces))), path, *pieces]
        for path, size, reason in self.named:
            shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace").encode()
            parts += [wire.OMITTED.pack(len(shown), -1 if size is None else size, reason), shown]
        return b"".join(parts)

    def leave(self, path, size, reason):
        """Leaves something that a pattern names."""
        self.left += 1
        if len(self.named) < MOST_NAMED:
            self.named.append((path, size, reason))

    def stop(self, path):
        """Reads no more names. Where that was is always named, the first time."""
        if not self.has_stopped:
            self.has_stopped = True
            del self.named[MOST_NAMED - 1 :]
            self.leave(path, None, wire.TOO_MANY)

    def collect(self, tmp, wanted):
        """All that is to be done; yields between pieces of work, none of which takes longer than a read."""
        if len(wanted) > patterns.MOST_BYTES or wanted.count(b"\0") > patterns.MOST:
            self.stop(HERE)
            return
        texts = [pattern for pattern in wanted.decode().split("\0") if pattern]
        states = yield from patterns.starts(texts)
        try:
            work = open_folder(WORK, tmp)
        except FileNotFoundError:
            return
        except OSError:
            # The program has put something else in its place, or nobody could hand its /tmp over.
            self.leave(HERE, None, wire.UNREADABLE)
            return
        try:
            yield from self.walk(work, "", states, 0)
        finally:
            os.close(work)

    def walk(self, folder, prefix, states, depth):
        """Takes what is wanted of a folder and of those in it. `prefix` is its path with a / at the end."""
        level = patterns.Level(self.source if depth == 0 else None)
        yield from level.take(states)
        # A heap: to sort very many at once would take too long.
        found = []
        for name, kind in self.scan(folder, prefix) if level.scans else looked_up(folder, level.named):
            meaning = yield from level.meaning(name)
            if kind in meaning.kinds or (kind == patterns.FOLDER and meaning.below):
                heapq.heappush(found, (name, kind, meaning))
            yield
        while found:
            name, kind, meaning = heapq.heappop(found)
            path = prefix + name
            if not is_text(name):
                self.leave(path, None, wire.UNREADABLE)
            elif kind in meaning.kinds:
                yield from self.bring(folder, name, path)
            if is_text(name) and kind == patterns.FOLDER and meaning.below:
                yield from self.enter(folder, name, path, meaning.below, depth)
            yield

    def enter(self, parent, name, path, states, depth):
        """Walks a folder in a folder."""
        if depth == DEEPEST:
            self.leave(path, None, wire.TOO_DEEP)
            return
        try:
            folder = open_folder(name, parent)
        except OSError:
            self.leave(path, None, wire.UNREADABLE)
            return
        try:
            yield from self.walk(folder, f"{path}/", states, depth + 1)
        finally:
            os.close(folder)

    def scan(self, folder, prefix):
        """(name, kind) of a folder's entries, as long as any may be read."""
        with os.scandir(folder) as listing:
            for entry in listing:
                if self.entries <= 0 or self.matches <= 0:
                    self.stop(prefix[:-1] or HERE)
                    return
                self.entries -= 1
                yield entry.name, kind_of(entry)

    def bring(self, folder, name, path):
        """Reads a file, if it is one and there is room for it."""
        try:
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if not stat.S_ISREG(found.st_mode):
                self.leave(path, None, wire.NOT_A_REGULAR_FILE)
            elif found.st_size > self.room:
                self.leave(path, found.st_size, wire.TOO_LARGE)
            elif len(self.kept) >= self.most_files:
                self.leave(path, found.st_size, wire.TOO_MANY)
            else:
                pieces = []
                descriptor = opened(name, folder, WHOLE)
                try:
                    while piece := os.read(descriptor, READ_SIZE):
                        pieces.append(piece)
                        yield
                finally:
                    os.close(descriptor)
                self.room -= sum(map(len, pieces))
                self.kept.append((path, pieces))
        except OSError:
            self.leave(path, None, wire.UNREADABLE)


def is_text(name):
    """Whether a name can be told in an answer."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def looked_up(folder, names):
    """(name, kind) of those names that are there."""
    for name in names:
        try:
            mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        except OSError:
            continue
        if stat.S_ISDIR(mode):
            yield name, patterns.FOLDER
        else:
            yield name, patterns.LINK if stat.S_ISLNK(mode) else patterns.FILE


def kind_of(entry):
    """What an entry is, without following it."""
    if entry.is_dir(follow_symlinks=False):
        return patterns.FOLDER
    return patterns.LINK if entry.is_symlink() else patterns.FILE


def open_folder(name, parent):
    """A descriptor of a folder, which is then open to its owner."""
    folder = opened(name, parent, os.O_RDONLY | os.O_DIRECTORY)
    if os.fstat(folder).st_mode & 0o700 != 0o700:
        try:
            os.fchmod(folder, 0o700)
        except OSError:
            # Root needs no leave.
            pass
    return folder


def opened(name, parent, flags):
    """Opens what lies in a folder; an ordinary user's run may have closed it to its own user."""
    flags |= os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(name, flags, dir_fd=parent)
    except PermissionError:
        handle = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
        try:
            os.chmod(f"/proc/self/fd/{handle}", 0o700)
        finally:
            os.close(handle)
        return os.open(name, flags, dir_fd=parent)
