"""What a run becomes: the caller's code in one of the three languages."""

import _signal
import os
import resource

import inherited
import javascript
import placing
import steps
import wire

WORK = "/tmp/work"
FILES = {wire.PYTHON: "main.py", wire.JAVASCRIPT: javascript.MAIN, wire.BASH: "main.sh"}
ENVIRONMENT = {
    "HOME": WORK,
    "LANG": "C.UTF-8",
    "LOGNAME": "sandbox",
    "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
    "TMPDIR": "/tmp",
    "USER": "sandbox",
}
LARGEST_CODE = 2 << 20
THREAD_STACK = 8 << 20
# To the kernel 0 means no file; only 1 also means no handler of the host's that core_pattern names.
NO_CORE = 1


def tmp_options(memory):
    """How the run's /tmp is mounted: a program must fit beside the memory it asked for."""
    return f"mode=1777,size={memory + LARGEST_CODE},nr_inodes={max(1024, memory >> 13)}"


def limits(language, cpu, memory, processes, files, file_size):
    """{name in steps.LIMITS: (soft, hard)} of each single process. The tree's are its init's to keep."""
    data = 2 * memory + processes * THREAD_STACK
    if language == wire.PYTHON:
        data += inherited.Inherited.data
    if language == wire.JAVASCRIPT:
        data += javascript.chosen.reserve
        processes += javascript.THREADS
    both = {"data": data, "processes": processes, "files": files, "file_size": file_size, "core": NO_CORE,
            "locked": 0, "queues": 0, "pending": 1024, "stack": THREAD_STACK, "nice": 0, "priority": 0}
    wanted = {name: (value, value) for name, value in both.items()}
    # First SIGXCPU, which tells why; a second later SIGKILL.
    wanted["cpu"] = (int(cpu) + 1, int(cpu) + 2)
    return {name: lowered(steps.LIMITS[name], pair) for name, pair in wanted.items()}


def lowered(kind, pair):
    """A limit that is nowhere above what the host allows."""
    ceiling = resource.getrlimit(kind)[1]
    return pair if ceiling == resource.RLIM_INFINITY else tuple(min(n, ceiling) for n in pair)


def read_job(descriptor, language, memory):
    """The job behind a descriptor, all but the contents of its files."""
    *lengths, files_length = wire.JOB.unpack(os.pread(descriptor, wire.JOB.size, 0))
    return parse_job(language, memory, os.pread(descriptor, wire.JOB.size + sum(lengths), 0))


def parse_job(language, memory, data):
    """The job that some bytes are, as wire.py has it; they need not reach into its files."""
    code_length, args_length, pairs_length, files_length = wire.JOB.unpack_from(data)
    at = wire.JOB.size
    code = data[at : at + code_length]
    at += code_length
    args = data[at : at + args_length]
    at += args_length
    pairs = data[at : at + pairs_length]
    words = [os.fsdecode(word) for word in args.split(b"\0")[:-1]]
    return Program(language, memory, code, words, pairs, (at + pairs_length, files_length))


class Program:
    """One program, to be placed in its folder and then become this process."""

    def __init__(self, language, memory, code, args, pairs, files=(0, 0)):
        self.language = language
        self.memory = memory
        self.code = code
        self.args = args
        # Where its files begin in the job, and how many bytes they take there.
        self.files = files
        self.added = {}
        for pair in pairs.split(b"\0")[:-1]:
            name, _, value = os.fsdecode(pair).partition("=")
            self.added[name] = value

    def place(self):
        """Writes the source where tracebacks and relative imports look for it."""
        descriptor = os.open(FILES[self.language], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        rest = memoryview(self.code)
        while rest:
            rest = rest[os.write(descriptor, rest):]
        os.close(descriptor)

    def place_files(self, job):
        """Writes the files that it brings, which a descriptor holds. Only once the process is confined."""
        placing.place(job, *self.files)

    def command(self, ahead=False):
        """What to execute, for a language that is executed; `ahead` of its program, which comes later."""
        if self.language == wire.JAVASCRIPT:
            return [*javascript.chosen.command(self.memory, ahead), *self.args]
        return ["/usr/bin/bash", FILES[wire.BASH], *self.args]

    def environment(self):
        """All variables of an executed program."""
        own = javascript.chosen.environment if self.language == wire.JAVASCRIPT else {}
        return {**ENVIRONMENT, **own, **self.added}


def go_on(order):
    """Becomes what is executed, with its files, in a copy of the forker that is confined already."""
    job = read_job(steps.JOB, order[0], order[4])
    os.closerange(steps.STATUS, steps.FREE)
    job.place_files(steps.JOB)
    execute(job.command(), job.environment())


def execute(command, environment):
    """Replaces this process, with the signals that Python had changed put back."""
    for number in (_signal.SIGPIPE, _signal.SIGXFSZ, _signal.SIGINT):
        _signal.signal(number, _signal.SIG_DFL)
    try:
        os.execve(command[0], command, environment)
    except OSError as error:
        os.write(2, f"Cannot start {command[0]}: {error.strerror}\n".encode())
        os._exit(126)


def adopt_environment():
    """Gives this process, and every run forked from it, the environment of a run."""
    os.environ.clear()
    os.environ.update(ENVIRONMENT)
