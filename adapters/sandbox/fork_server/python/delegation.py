"""Finds the cgroup v2 folder that was given to this service, and divides it."""

import errno
import os
import time

import kernel

SERVICE = "ultimate-mcp-service"
CONTROLLERS = ("memory", "pids")
# A manager marks so what it leaves to others.
DELEGATED = ("user.delegate", "trusted.delegate")
LOOKS, SECONDS = 100, 0.01


def own(proc="/proc"):
    """(where cgroup v2 is mounted, this process's own folder there); None without it."""
    inner = next((line[3:] for line in lines(f"{proc}/self/cgroup") if line.startswith("0::")), None)
    for line in lines(f"{proc}/self/mountinfo"):
        mount, _, kind = line.partition(" - ")
        if inner is not None and kind.startswith("cgroup2 "):
            root, place = mount.split()[3:5]
            inside = inner.removeprefix(root) if root != "/" else inner
            return place, os.path.normpath(f"{place}/{inside}")
    return None


def home(mount, folder):
    """The folder that may be divided: the one above ours, or ours; None when neither was given to us."""
    above = os.path.dirname(folder) if folder != mount else folder
    for candidate in (above, folder):
        if is_given(candidate, mount) and has_controllers(candidate):
            return candidate
    return None


def is_given(folder, mount):
    """Whether a folder is ours: marked so by its manager, or all that can be seen, as in a container.

    That we may write to it says nothing: managers keep what they own, and root may write everywhere.
    """
    # The tree's own root, which has no type, is nobody's to divide.
    whole = folder == mount and os.path.exists(f"{folder}/cgroup.type")
    marked = whole or any(attribute(folder, name) == b"1" for name in DELEGATED)
    return marked and os.access(f"{folder}/cgroup.subtree_control", os.W_OK)


def has_controllers(folder):
    """Whether memory and processes can be held there."""
    return set(CONTROLLERS) <= set(" ".join(lines(f"{folder}/cgroup.controllers")).split())


def attribute(folder, name):
    """An extended attribute; None when there is none to read."""
    try:
        return os.getxattr(folder, name)
    except OSError:
        return None


def lines(path):
    """A kernel file's lines; none when it cannot be read."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().splitlines()
    except OSError:
        return []


def divide(folder, is_own):
    """Gives the folder's children their controllers. Our own folder is emptied into a leaf first."""
    for _ in range(LOOKS):
        try:
            kernel.write_file(f"{folder}/cgroup.subtree_control",
                              " ".join(f"+{name}" for name in CONTROLLERS).encode())
            return
        except OSError as error:
            if error.errno != errno.EBUSY or not is_own:
                raise
            empty(folder, f"{folder}/{SERVICE}")
    raise OSError(errno.EBUSY, f"divide {folder}: its processes do not leave it")


def empty(folder, leaf):
    """Moves the folder's processes into a leaf."""
    if not os.path.isdir(leaf):
        os.mkdir(leaf)
    for process in lines(f"{folder}/cgroup.procs"):
        try:
            kernel.write_file(f"{leaf}/cgroup.procs", process.encode())
        except ProcessLookupError:
            pass


def clear(folder):
    """Ends whoever is left in a broker's folder and removes it, waiting a moment for them to leave."""
    for _ in range(LOOKS):
        try:
            if os.path.exists(f"{folder}/cgroup.kill"):
                kernel.write_file(f"{folder}/cgroup.kill", b"1")
            for name in os.listdir(folder):
                if os.path.isdir(f"{folder}/{name}"):
                    os.rmdir(f"{folder}/{name}")
            os.rmdir(folder)
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(SECONDS)
