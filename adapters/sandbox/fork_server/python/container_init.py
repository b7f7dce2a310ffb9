"""PID 1 of a container: a fresh interpreter that becomes the init of one run.

The container's runtime has put up the namespaces and the file tree. What it does not do is done here: a
/proc with nothing but the run's processes, a /tmp of the run's size, and all that run_init.py and
confine.py do round any run. Nothing that the runtime was asked for is taken on trust: the namespaces
are compared with those of the host.
"""

import _socket
import os
import struct

import inherited
import javascript
import kernel
import namespaces
import program
import python_program
import rootfs
import run_init
import seccomp
import wire

# Where the launcher puts what an init is handed: these modules, its order, then the order's descriptors.
MODULES, ORDER, FIRST = 3, 4, 5
LAST = FIRST + wire.INPUT
HANDLE = struct.Struct("=i")
# After the order: the id that the program has to take.
ID, NO_ID = struct.Struct("<i"), -1
# To the kernel this init's files in /proc belong to its container's root, whose id the program then has too.
NESTED_PROC = "subset=pid,hidepid=1"
NEW_DEVICES = "/tmp"
SEALED = kernel.ATTR_RDONLY | kernel.ATTR_NOSUID | kernel.ATTR_NOEXEC


def main(plan):
    """Becomes the init of the run that the order asks for; never returns."""
    told = os.pread(ORDER, wire.ORDER.size + ID.size, 0)
    order, (uid,) = wire.ORDER.unpack_from(told), ID.unpack_from(told, wire.ORDER.size)
    descriptors = list(range(FIRST, LAST + (order[wire.INPUT_KIND] != wire.NO_INPUT)))
    status = _socket.socket(fileno=os.dup(descriptors[wire.STATUS]))
    try:
        os.closerange(MODULES, FIRST)
        if LAST not in descriptors:
            os.close(LAST)
        begin(status)
        require_own_namespaces(plan["outside"])
        prepare(plan, order[0])
        bpf = seccomp.Filter.of(plan["filter"])
    except OSError as error:
        wire.report_fault(status, error)
    status.close()
    uid = None if uid == NO_ID else uid
    run_init.run(order, descriptors, uid, bpf, plan["landlock"], lambda _, memory: wall_in(plan, memory))


def begin(status):
    """Says that this init lives, with a descriptor of it."""
    handle = os.pidfd_open(os.getpid())
    rights = HANDLE.pack(handle)
    status.sendmsg([bytes([wire.BEGUN])], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, rights)])
    os.close(handle)


def require_own_namespaces(outside):
    """Raises OSError unless this process shares no namespace with the host."""
    shared = [name for name, known in outside.items() if os.readlink(f"/proc/self/ns/{name}") == known]
    if shared:
        raise OSError(f"the runtime gave the container no namespace of its own: {', '.join(shared)}")
    if os.getpid() != 1:
        raise OSError("the runtime did not start the init as PID 1")


def prepare(plan, language):
    """Makes this interpreter what a program of that language is to find."""
    kernel.hide_command_line()
    javascript.choose(plan["places"])
    program.adopt_environment()
    if language == wire.PYTHON:
        python_program.add_site()
        python_program.hide_own_modules()
        python_program.prepare()
    inherited.measure()


def wall_in(plan, memory):
    """Puts up what is the run's own, and takes this init's memory out of the program's sight."""
    forget_numbers()
    if plan["makes_devices"]:
        make_devices()
    else:
        for device in rootfs.DEVICES:
            kernel.restrict_mount(f"/dev/{device}", SEALED)
    # The next /proc can only be read.
    own = os.open("/proc/self", os.O_PATH)
    run_init.mount_own(memory, NESTED_PROC if plan["nested"] else "subset=pid")
    if plan["nested"]:
        kernel.unshare(kernel.NEWUSER, "unshare user namespace")
        namespaces.map_self(kernel.RUN_IDS[0], 0, kernel.RUN_IDS[0], 0, f"/proc/self/fd/{own}")
    os.close(own)
    kernel.drop_bounding_set()
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0, "hide the init's memory")


def forget_numbers():
    """Has the program be process 2, as in every run, whatever threads a runtime has had in here."""
    try:
        kernel.write_file("/proc/sys/kernel/ns_last_pid", b"1")
    except FileNotFoundError:
        # A kernel that cannot; the canary tells where it matters.
        pass


def make_devices():
    """Replaces the /dev that runtimes make by the same that every other run has."""
    kernel.mount("tmpfs", NEW_DEVICES, "tmpfs", kernel.MS_NOSUID | kernel.MS_NOEXEC, "mode=755,size=64k")
    for name, target in rootfs.LINKS.items():
        os.symlink(target, f"{NEW_DEVICES}/{os.path.basename(name)}")
    for device in rootfs.DEVICES:
        rootfs.touch(f"{NEW_DEVICES}/{device}")
        kernel.mount(f"/dev/{device}", f"{NEW_DEVICES}/{device}", None, kernel.MS_BIND)
    zero = f"{NEW_DEVICES}/{os.path.basename(rootfs.ZERO)}"
    rootfs.touch(zero)
    os.truncate(zero, rootfs.ZERO_SIZE)
    kernel.restrict_mount(NEW_DEVICES, SEALED, recursive=True)
    kernel.mount(NEW_DEVICES, "/dev", None, kernel.MS_BIND | kernel.MS_REC)
    kernel.unmount(NEW_DEVICES)
