"""What a run becomes: the caller's code in one of the three languages."""

import _signal
import builtins
import os
import sys
import types

import finish
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
JAVASCRIPT_RUNTIME = "/opt/javascript/deno"
JAVASCRIPT_ENVIRONMENT = {"DENO_DIR": "/tmp/.deno", "NO_COLOR": "1", "DENO_NO_UPDATE_CHECK": "1"}
JAVASCRIPT_HEADROOM_MB, JAVASCRIPT_LEAST_MB = 48, 16
OWN_MODULES = ("accounting", "confine", "finish", "forker", "kernel", "namespaces", "program",
               "rootfs", "run_init", "seccomp", "syscall_table", "wire")


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
        elif self.language == wire.JAVASCRIPT:
            execute(javascript_command(self.memory), self, JAVASCRIPT_ENVIRONMENT)
        else:
            execute(["/usr/bin/bash", FILES[wire.BASH]], self, {})


def javascript_command(memory):
    """Deno, lean, with its flags open to what the sandbox already bounds."""
    heap = max(JAVASCRIPT_LEAST_MB, (memory >> 20) - JAVASCRIPT_HEADROOM_MB)
    return [
        JAVASCRIPT_RUNTIME, "run", "--quiet", "--no-prompt", "--no-config", "--no-lock", "--no-npm",
        "--no-remote", "--no-check", "--cached-only", f"--allow-read={WORK},/tmp",
        f"--allow-write={WORK},/tmp", "--allow-env", f"--v8-flags=--max-old-space-size={heap}",
        FILES[wire.JAVASCRIPT],
    ]


def execute(command, job, own):
    """Replaces this process, with the signals that Python had changed put back."""
    for number in (_signal.SIGPIPE, _signal.SIGXFSZ, _signal.SIGINT):
        _signal.signal(number, _signal.SIG_DFL)
    try:
        os.execve(command[0], command + job.args, {**ENVIRONMENT, **own, **job.added})
    except OSError as error:
        os.write(2, f"Cannot start {command[0]}: {error.strerror}\n".encode())
        os._exit(126)


def run_python(job):
    """Runs the code as `python3 main.py` would; never returns."""
    # Kept, not freed: freeing them would copy the pages that they lie in.
    job.own_modules = [sys.modules.pop(name, None) for name in OWN_MODULES]
    os.environ.update(job.added)
    sys.argv = [FILES[wire.PYTHON], *job.args]
    sys.orig_argv = ["python3", *sys.argv]
    sys.path.insert(0, WORK)
    main = types.ModuleType("__main__")
    main.__dict__.update(__builtins__=builtins, __file__=f"{WORK}/{FILES[wire.PYTHON]}")
    sys.modules["__main__"] = main
    finish.leave(finish.run(job.code, main), main)


def adopt_environment():
    """Gives this process, and every run forked from it, the environment of a run."""
    os.environ.clear()
    os.environ.update(ENVIRONMENT)


def warm(code):
    """Runs a constant program once, so that no run pays for a first time."""
    exec(compile(code, "warm", "exec", dont_inherit=True), {"__name__": "warm"})
