"""What a run becomes: the caller's code in one of the three languages."""

import _signal
import builtins
import os
import resource
import sys
import types

import finish
import inherited
import steps
import wire

WORK = "/tmp/work"
FILES = {wire.PYTHON: "main.py", wire.JAVASCRIPT: "main.js", wire.BASH: "main.sh"}
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
# What V8 reserves without using; it cannot start below.
RUNTIME_RESERVE, RUNTIME_THREADS = 640 << 20, 16
JAVASCRIPT_RUNTIME = "/opt/javascript/deno"
JAVASCRIPT_ENVIRONMENT = {"DENO_DIR": "/tmp/.deno", "NO_COLOR": "1", "DENO_NO_UPDATE_CHECK": "1"}
JAVASCRIPT_HEADROOM_MB, JAVASCRIPT_LEAST_MB = 48, 16
WARM_UP = b"import sys\nx = [f'{n}' for n in range(3)]\n"
OWN_MODULES = ("accounting", "confine", "finish", "forker", "inherited", "kernel", "machine", "namespaces",
               "preload", "program", "rootfs", "run_init", "seccomp", "slots", "starters", "steps", "syscall_table", "wire")

HIDDEN = []


def tmp_options(memory):
    """How the run's /tmp is mounted: a program must fit beside the memory it asked for."""
    return f"mode=1777,size={memory + LARGEST_CODE},nr_inodes={max(1024, memory >> 13)}"


def limits(language, cpu, memory, processes, files, file_size):
    """{name in steps.LIMITS: (soft, hard)} of each single process. The tree's are its init's to keep."""
    data = 2 * memory + processes * THREAD_STACK
    if language == wire.PYTHON:
        data += inherited.Inherited.data
    if language == wire.JAVASCRIPT:
        data += RUNTIME_RESERVE
        processes += RUNTIME_THREADS
    both = {"data": data, "processes": processes, "files": files, "file_size": file_size, "core": 0,
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
    """The job behind a descriptor, whole."""
    size = os.fstat(descriptor).st_size
    data = os.pread(descriptor, size, 0)
    code_length, args_length, pairs_length = wire.JOB.unpack_from(data)
    at = wire.JOB.size
    code = data[at : at + code_length]
    at += code_length
    args = data[at : at + args_length]
    pairs = data[at + args_length : at + args_length + pairs_length]
    words = [os.fsdecode(word) for word in args.split(b"\0")[:-1]]
    return Program(language, memory, code, words, pairs)


class Program:
    """One program, to be placed in its folder and then become this process."""

    def __init__(self, language, memory, code, args, pairs):
        self.language = language
        self.memory = memory
        self.code = code
        self.args = args
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

    def become(self):
        """Runs the code: Python in this very process, the others by exec."""
        if self.language == wire.PYTHON:
            run_python(self)
        else:
            execute(self.command(), self.environment())

    def command(self):
        """What to execute, for a language that is executed."""
        if self.language == wire.JAVASCRIPT:
            return [*javascript_command(self.memory), *self.args]
        return ["/usr/bin/bash", FILES[wire.BASH], *self.args]

    def environment(self):
        """All variables of an executed program."""
        own = JAVASCRIPT_ENVIRONMENT if self.language == wire.JAVASCRIPT else {}
        return {**ENVIRONMENT, **own, **self.added}


def javascript_command(memory):
    """Deno, lean, with its flags open to what the sandbox already bounds."""
    heap = max(JAVASCRIPT_LEAST_MB, (memory >> 20) - JAVASCRIPT_HEADROOM_MB)
    return [
        JAVASCRIPT_RUNTIME, "run", "--quiet", "--no-prompt", "--no-config", "--no-lock", "--no-npm",
        "--no-remote", "--no-check", "--cached-only", f"--allow-read={WORK},/tmp",
        f"--allow-write={WORK},/tmp", "--allow-env", f"--v8-flags=--max-old-space-size={heap}",
        FILES[wire.JAVASCRIPT],
    ]


def execute(command, environment):
    """Replaces this process, with the signals that Python had changed put back."""
    for number in (_signal.SIGPIPE, _signal.SIGXFSZ, _signal.SIGINT):
        _signal.signal(number, _signal.SIG_DFL)
    try:
        os.execve(command[0], command, environment)
    except OSError as error:
        os.write(2, f"Cannot start {command[0]}: {error.strerror}\n".encode())
        os._exit(126)


def run_python(job):
    """Runs the code as `python3 main.py` would; never returns."""
    inherited.take_over()
    os.environ.update(job.added)
    sys.argv = [FILES[wire.PYTHON], *job.args]
    sys.orig_argv = ["python3", *sys.argv]
    sys.path.insert(0, WORK)
    main = types.ModuleType("__main__")
    main.__dict__.update(__builtins__=builtins, __file__=f"{WORK}/{FILES[wire.PYTHON]}")
    sys.modules["__main__"] = main
    finish.leave(finish.run(job.code, main), main)


def hide_own_modules():
    """Leaves the names of these modules to packages and programs, which may have the same."""
    # Kept, not freed: others still use what is in them.
    HIDDEN.extend(sys.modules.pop(name, None) for name in OWN_MODULES)


def adopt_environment():
    """Gives this process, and every run forked from it, the environment of a run."""
    os.environ.clear()
    os.environ.update(ENVIRONMENT)


def warm(code):
    """Runs a constant program once, so that no run pays for a first time."""
    exec(compile(code, "warm", "exec", dont_inherit=True), {"__name__": "warm"})
