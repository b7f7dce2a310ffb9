"""Starts one container a run, by bubblewrap or an OCI runtime, and holds nothing of any run.

It takes the orders that a forker takes, from the same broker. A container's first process is
container_init.py in a fresh interpreter; it gets its modules as a file in memory, so that a run sees
no file of ours, and speaks for its run itself.
"""

import _signal
import marshal
import os
import select
import time

import container_init
import forker
import kernel
import namespaces
import seccomp
import starters
import wire
from bubblewrap import Bubblewrap
from oci import Oci
from stage import Stage
from streams import sealed

KINDS = {"bubblewrap": Bubblewrap, "oci": Oci}
# What a container's init imports, itself included.
MODULES = ("accounting", "confine", "container_init", "finish", "inherited", "javascript", "kernel",
           "landlock", "namespaces", "placing", "program", "python_program", "rootfs", "run_init", "seccomp",
           "steps", "syscall_table", "wire")
NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")
ENVIRONMENT = {"LC_ALL": "C.UTF-8"}
INTERPRETER = ("-I", "-S", "-B", "-c")
# The interpreter inside may be another than ours, so it compiles what it will run itself, once.
COMPILE = """\
import marshal, os
sources, plan = marshal.loads(os.pread(3, os.fstat(3).st_size, 0))
modules = {name: compile(text, f"<sandbox {name}>", "exec") for name, text in sources.items()}
os.write(4, marshal.dumps((modules, plan)))
"""
BEGIN = ("import marshal, os; modules, plan = marshal.loads(os.pread(3, os.fstat(3).st_size, 0)); "
         "exec(modules['loader'])")
LOADER = """\
import sys
from _frozen_importlib import ModuleSpec

class OwnModules:
    def find_spec(self, name, path, target=None):
        return ModuleSpec(name, self) if name in modules else None
    def create_module(self, spec):
        pass
    def exec_module(self, module):
        exec(modules[module.__name__], module.__dict__)

sys.meta_path.insert(0, OwnModules())
import container_init
sys.meta_path.pop(0)
modules.clear()
container_init.main(plan)
"""
LOWEST_RECEIVED = container_init.LAST + 1
TRIAL_SECONDS, LAST_SECONDS = 15.0, 1.5
LONGEST_COMPLAINT = 600


def start(plan, control):
    """Stands up and serves; never returns. A start that fails says why."""
    try:
        os.chdir("/")
        os.umask(0o022)
        require_runtime(plan["container"])
        seccomp.Filter.build()
        launcher = stand(plan, control)
    except OSError as error:
        control.send(wire.FAILED + str(error).encode()[:LONGEST_COMPLAINT])
        os._exit(1)
    control.send(wire.STANDS + f"{launcher.container.path.replace(' ', '_')} 0 0".encode())
    launcher.serve()


def stand(plan, control):
    """A launcher that has started a container.

    Started by an ordinary user, a runtime may need more than such a user has, as a namespace in which the
    user is root. It is given that where it did not work without.
    """
    try:
        return try_out(plan, control)
    except OSError as error:
        if plan["privileged"] or plan["container"].kind != "oci":
            raise
        failure = error
    try:
        namespaces.become_own_root()
        return try_out(plan, control)
    except OSError as error:
        raise OSError(f"{failure}; and as root of a user namespace: {error}") from None


def try_out(plan, control):
    """A launcher that has started a container. Raises OSError, and leaves nothing, where it cannot."""
    stage = Stage()
    try:
        stage.furnish(plan)
        launcher = Launcher(plan, stage, control)
        launcher.compile_modules(plan)
        return launcher
    except OSError:
        stage.remove()
        raise


class Launcher:
    """The containers in flight."""

    def __init__(self, plan, stage, control):
        self.stage = stage
        self.control = control
        self.null = reserve_low_descriptors()
        # Runtimes give a container its input and output, as files; no device of the host may be those.
        self.nothing = sealed("nothing", b"")
        self.container = KINDS[plan["container"].kind](plan, stage)
        self.interpreter = plan["interpreter"]
        self.modules = -1
        self.begun = 0
        # {descriptor of a runtime's process: (its number, the container's name, None for what removes one)}
        self.living = {}
        self.poll = select.poll()

    def compile_modules(self, plan):
        """Has a container compile what the others will run. Raises OSError with its complaint if it fails."""
        sources = os.memfd_create("sources", os.MFD_CLOEXEC)
        os.write(sources, marshal.dumps((read_sources(plan["folder"]), self.inner_plan(plan))))
        compiled = os.memfd_create("modules", os.MFD_CLOEXEC)
        complaint = os.memfd_create("complaint", os.MFD_CLOEXEC)
        handle = self.launch(COMPILE, [sources, compiled], None if not plan["privileged"] else
                             kernel.RUN_IDS[0], complaint)
        ready, _, _ = select.select([handle], [], [], TRIAL_SECONDS)
        if not ready:
            _signal.pidfd_send_signal(handle, _signal.SIGKILL)
        self.bury(handle)
        self.wait_for_all(LAST_SECONDS)
        said = os.pread(complaint, LONGEST_COMPLAINT, 0).decode(errors="replace").strip()
        os.close(complaint)
        os.close(sources)
        content = os.pread(compiled, os.fstat(compiled).st_size, 0)
        os.close(compiled)
        if not content:
            raise OSError(why_not(self.container.path, said))
        # Every container is handed it, and none may change what the next one runs.
        self.modules = sealed("modules", content)

    def inner_plan(self, plan):
        """What every init is told."""
        return {
            "landlock": plan["landlock"],
            "filter": seccomp.program(),
            "places": list(plan["extras"].values()),
            "nested": self.container.nested,
            "makes_devices": self.container.makes_devices,
            "outside": {name: os.readlink(f"/proc/self/ns/{name}") for name in NAMESPACES},
        }

    def serve(self):
        """Takes orders until the broker is gone; never returns."""
        self.poll.register(self.control, select.POLLIN)
        while True:
            for descriptor, _ in self.poll.poll():
                if descriptor != self.control.fileno():
                    self.bury(descriptor)
                    continue
                data, descriptors = forker.receive(self.control)
                if not data:
                    self.leave()
                self.obey(data, descriptors)
                forker.close_all(descriptors)

    def obey(self, data, descriptors):
        """Starts the container of a run."""
        order = wire.ORDER.unpack(data)
        uid = starters.run_id(order)
        inner = self.container.inner_id(uid)
        own = container_init.ID.pack(container_init.NO_ID if inner is None else inner)
        told = sealed("order", data + own)
        try:
            handle = self.launch(BEGIN, [self.modules, told, *descriptors], uid, 2)
        except OSError as error:
            forker.tell(descriptors[wire.STATUS], bytes([wire.FAULT]) + str(error).encode())
        else:
            self.poll.register(handle, select.POLLIN)
            # Until its init says the same of itself, it is the runtime that would have to be ended.
            forker.tell(descriptors[wire.STATUS], bytes([wire.BEGUN]), handle)
        finally:
            os.close(told)

    def launch(self, text, handed, uid, complaint):
        """Starts a runtime whose container runs a Python program: a descriptor of the runtime's process."""
        self.begun += 1
        identity = f"run-{os.getpid()}-{self.begun}"
        command = self.container.command(identity, uid, [self.interpreter, *INTERPRETER, text])
        pid = os.fork()
        if pid == 0:
            self.become(command, uid, handed, complaint)
        handle = os.pidfd_open(pid)
        self.living[handle] = (pid, identity)
        return handle

    def become(self, command, uid, handed, complaint):
        """In the child: puts every descriptor in its place and becomes the runtime. Never returns."""
        try:
            filler = [self.null] * (container_init.LAST + 1 - container_init.MODULES - len(handed))
            for number, descriptor in enumerate([*handed, *filler], container_init.MODULES):
                os.dup2(descriptor, number)
            os.dup2(complaint, 2)
            for number in (0, 1):
                os.dup2(self.nothing, number)
            go_first()
            self.container.become(uid)
            os.execve(command[0], command, ENVIRONMENT)
        except OSError as error:
            os.write(2, f"Cannot start {command[0]}: {error.strerror}\n".encode())
        finally:
            os._exit(wire.NOT_STARTED)

    def bury(self, handle):
        """A runtime has ended; what removes its remains, where there are any, is waited for like another."""
        pid, identity = self.living.pop(handle)
        _, status = os.waitpid(pid, 0)
        try:
            self.poll.unregister(handle)
        except KeyError:
            pass
        os.close(handle)
        command = None if identity is None else self.container.remains(identity, status)
        if command is not None:
            # No subprocess module: what it imports would make every fork of this process dearer.
            pid = os.posix_spawn(command[0], command, {})
            handle = os.pidfd_open(pid)
            self.living[handle] = (pid, None)
            self.poll.register(handle, select.POLLIN)

    def wait_for_all(self, seconds):
        """Buries all that end within a time; whoever is left then is killed, and buried."""
        end = time.monotonic() + seconds
        while self.living and time.monotonic() < end:
            for descriptor, _ in self.poll.poll((end - time.monotonic()) * 1000):
                self.bury(descriptor)
        for handle in list(self.living):
            _signal.pidfd_send_signal(handle, _signal.SIGKILL)
            self.bury(handle)

    def leave(self):
        """Ends once every container has, for each init sees that the broker is gone; or else by force."""
        self.poll.unregister(self.control)
        while self.living:
            self.wait_for_all(LAST_SECONDS)
        self.stage.remove()
        os._exit(0)


def require_runtime(choice):
    """Raises OSError where the program that is to start containers is not there."""
    if choice.runtime is None:
        raise OSError(f"no container runtime: {' or '.join(choice.wanted)} is not on PATH")
    if choice.rootfs is not None and not os.path.isdir(choice.rootfs):
        raise OSError(f"the root file system '{choice.rootfs}' is no folder")


def why_not(path, said):
    """Why a runtime has started no container, by what it said."""
    if "flag provided but not defined" in said:
        return f"{path} hands containers no descriptors, by which every run gets its program"
    return f"{path} started no container: {said or 'it said nothing'}"


def reserve_low_descriptors():
    """Opens /dev/null until no number is free that an init's descriptors will have; the last one opened."""
    while True:
        null = os.open("/dev/null", os.O_RDWR)
        if null >= LOWEST_RECEIVED:
            return null


def read_sources(folder):
    """The text of each module that is wanted inside, by name."""
    texts = {"loader": LOADER}
    for name in MODULES:
        with open(f"{folder}/{name}.py", encoding="utf-8") as file:
            texts[name] = file.read()
    return texts


def go_first():
    """Has what is started from here end first when the host's memory is gone."""
    kernel.write_file("/proc/self/oom_score_adj", b"1000")
