"""Leaves out layers, for the tests that must miss them. Only an argument of a test's loads this module.

What puts a layer up is replaced here, and nowhere else does the code know that a layer may be absent:
there is no switch in it that a fault could turn. Only such layers can be left out as others stand in
for. Without the namespaces of mounts, processes, users and names, a harmless program could already
harm the host, and without a limit of processes a faulty one could: those always stand.
"""

import kernel
import namespaces
import program
import starters
import steps

ALWAYS_LIMITED = "processes"
ROWS = {
    "seccomp": {"system-call filter"},
    "no-new-privs": {"no new privileges"},
    "caps-dropped": {"no capabilities"},
    "rlimits": {f"limit {name}" for name in steps.LIMITS if name != ALWAYS_LIMITED},
}


def leave_out(layers, plan):
    """Leaves out the named layers in this process and in all that come of it."""
    unknown = layers - set(REPLACERS)
    if unknown:
        raise ValueError(f"no layer {sorted(unknown)} can be left out")
    for layer in layers:
        REPLACERS[layer]()
    if "no-new-privs" in layers:
        # The kernel takes a filter or a domain from a process without rights only after this.
        layers = {*layers, "seccomp", "landlock"}
        kernel.gain_nothing = kernel.install_filter = nothing
    if "landlock" in layers:
        plan["landlock"] = 0
    replace_rows(set().union(*(ROWS.get(layer, ()) for layer in layers)))
    stated, lacked = namespaces.layers, namespaces.missing
    namespaces.layers = lambda plan: [name for name in stated(plan) if name not in layers]
    # A layer that the host lacks is not attacked; one that is left out is.
    namespaces.missing = lambda plan: [name for name in lacked(plan) if name not in layers]


def nothing(*_):
    """In the place of a step that is left out."""


def replace_rows(names):
    """Puts a call that changes nothing in each row's place: rows lead to one another by name."""
    real = steps.program_rows

    def program_rows(at, executes):
        _, call, arguments, _ = steps.row("", "chdir", at.work_path)
        return [(row[0], call, arguments, row[3]) if row[0] in names else row
                for row in real(at, executes)]

    steps.program_rows = program_rows


def without_filter():
    """Leaves no_new_privs, without which the kernel would take no filter."""
    kernel.install_filter = nothing


def with_capabilities():
    """Leaves what the kernel itself takes from a process that changes its uid."""
    kernel.drop_bounding_set = kernel.drop_capabilities = nothing


def without_limits():
    """Leaves the host's own, and the limit of processes."""
    real = program.limits
    program.limits = lambda *order: {ALWAYS_LIMITED: real(*order)[ALWAYS_LIMITED]}


def with_writable_root():
    """Leaves set-uid files and devices refused."""
    real = kernel.restrict_mount

    def restrict_mount(target, attributes, recursive=False):
        real(target, attributes & ~kernel.ATTR_RDONLY, recursive)

    kernel.restrict_mount = restrict_mount


def with_host_network():
    """Leaves the filter, which gives no run a socket."""
    namespaces.SHARED &= ~kernel.NEWNET


def with_one_id():
    """Gives all runs the first id."""
    starters.run_id = lambda order: kernel.RUN_IDS[0]


REPLACERS = {
    "seccomp": without_filter,
    "no-new-privs": nothing,
    "landlock": nothing,
    "caps-dropped": with_capabilities,
    "rlimits": without_limits,
    "read-only-root": with_writable_root,
    "net-ns": with_host_network,
    "unique-uid": with_one_id,
}
