"""Forks one init a run and holds nothing of any run: what a run brings comes by descriptor.

Python programs go on in a copy of this very interpreter, already warm. Everything imported here
is copied by every run, so imports stay few: `_signal` and `_socket` are what `signal` and `socket`
wrap in enumerations.
"""

import _signal
import _socket
import array
import os

import inherited
import javascript
import kernel
import namespaces
import preload
import program
import python_program
import seccomp
import starters
import wire

MAX_DESCRIPTORS = 6
ANCILLARY = _socket.CMSG_SPACE(MAX_DESCRIPTORS * 4)


def start(plan, control, exec_control, *stages):
    """Stands up behind the walls and serves, once for each control socket; never returns.

    `stages` are the sockets of the forkers that have the packages of plan["preload"]. A start that fails
    says why on the socket concerned and ends its process.
    """
    try:
        kernel.die_with_parent()
        kernel.hide_command_line()
        if plan["cgroup"] is not None:
            # Here, so that the cgroup namespace is rooted in it.
            kernel.write_file(f"{plan['cgroup']}/cgroup.procs", b"0")
        namespaces.enter(plan, lambda: await_maps(control))
        javascript.choose(plan["extras"].values())
        del plan["prefix"], plan["extras"], plan["cgroup"]
        if os.fork() != 0:
            shadow()
        namespaces.settle(plan)
        to_null()
        program.adopt_environment()
        python_program.add_site()
        python_program.hide_own_modules()
        bpf = seccomp.Filter.build()
        executes = os.fork() == 0
        if executes:
            control.close()
            for stage in stages:
                stage.close()
            control = exec_control
        else:
            exec_control.close()
        end_noting = starters.note_at_fork()
        if not executes:
            control = preload.line_up(control, list(zip(plan["preload"], stages)))
        python_program.prepare()
        # Before the first slot is filled: limits count what a copy begins with.
        inherited.measure()
        starter, can_place = starters.choose(plan, bpf, executes)
        if plan["trial"] is not None:
            os.close(plan["trial"])
        end_noting()
        python_program.freeze()
    except OSError as error:
        control.send(wire.FAILED + str(error).encode())
        os._exit(1)
    shared = 0 if executes else inherited.Inherited.anonymous
    control.send(wire.STANDS + f"{type(starter).__name__} {shared} {int(can_place)}".encode())
    serve(control, starter)


def await_maps(control):
    """Asks the broker for this process's id maps and waits for them."""
    control.send(b"M")
    if control.recv(1) != b"M":
        os._exit(1)
    kernel.die_with_parent()


def shadow():
    """The process that unshared the PID namespace: its child is PID 1 there. Ends with it."""
    kernel.die_with_parent()
    kernel.close_from(0)
    _, status = os.wait()
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def to_null():
    """Lets go of the service's own streams."""
    null = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


def serve(control, starter):
    """Takes orders until the broker is gone; never returns, neither here nor in a run."""
    while True:
        data, descriptors = receive(control)
        if not data:
            os._exit(0)
        status = descriptors[wire.STATUS]
        try:
            handle = starter.start(wire.ORDER.unpack(data), descriptors)
        except OSError as error:
            tell(status, bytes([wire.FAULT]) + str(error).encode())
        else:
            if not tell(status, bytes([starter.begun]), handle):
                # Nobody could hold it to its limits.
                _signal.pidfd_send_signal(handle, _signal.SIGKILL)
            os.close(handle)
        close_all(descriptors)


def close_all(descriptors):
    """Closes what an order brought, which mostly has numbers in a row."""
    first, last = descriptors[0], descriptors[-1] + 1
    if last - first == len(descriptors):
        os.closerange(first, last)
    else:
        for descriptor in descriptors:
            os.close(descriptor)


def tell(descriptor, message, *handles):
    """Says something to the broker in the name of a run whose init cannot; whether it could be said."""
    status = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET, 0, descriptor)
    rights = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, array.array("i", handles))]
    try:
        status.sendmsg([message], rights if handles else [])
        return True
    except OSError:
        return False
    finally:
        status.detach()


def receive(control):
    """One order and its descriptors; (b"", []) once the broker is gone."""
    data, ancillary, _, _ = control.recvmsg(wire.ORDER.size, ANCILLARY, _socket.MSG_CMSG_CLOEXEC)
    descriptors = array.array("i")
    for _, kind, content in ancillary:
        if kind == _socket.SCM_RIGHTS:
            descriptors.frombytes(content[: len(content) - len(content) % 4])
    return data, list(descriptors)
