"""Adds, removes and lists the Python packages that runs can import.

    installer.py add|remove|list FOLDER DATA_DIR [NAME ...]

Run by the very Python that serves, with -I, for what fits one Python may not fit another. A change is
made in a folder beside and put in place in one step, so that a failed one leaves what stands. What stood
before is kept as FOLDER.old until the next change: a service that runs goes on with it.
"""

import ctypes
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pip_wheel

MANIFEST = "packages.json"
NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
VERSION = r"(?:===?|!=|~=|[<>]=?)[A-Za-z0-9.*+!_-]+"
WISH = re.compile(rf"({NAME})(\[{NAME}(?:,{NAME})*\])?({VERSION}(?:,{VERSION})*)?")
AT_FDCWD, EXCHANGE = -100, 2


class Refusal(Exception):
    """What was asked for cannot be done; the text says why."""


def project(wish):
    """The project that a wish such as `NumPy>=2` names, in the index's own spelling."""
    match = WISH.fullmatch(wish)
    if match is None:
        raise Refusal(f"'{wish}' is not a package's name, with or without a version such as numpy==2.1.0")
    return re.sub(r"[-_.]+", "-", match[1]).lower()


def read_manifest(folder):
    """{"wishes": [what was added], "installed": {name: version}} of a folder; None when it has none."""
    try:
        with open(os.path.join(folder, MANIFEST), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def standing(folder):
    """The wishes that the folder fulfils. A folder that somebody else has filled is left alone."""
    manifest = read_manifest(folder)
    if manifest is None and os.path.isdir(folder) and os.listdir(folder):
        raise Refusal(f"'{folder}' holds files that this command has not put there")
    return manifest["wishes"] if manifest else []


def added(wishes, names):
    """The wishes with new ones among them; a new one takes the place of its project's old one."""
    by_project = {project(wish): wish for wish in [*wishes, *names]}
    return sorted(by_project.values())


def removed(wishes, names):
    """The wishes without some projects."""
    known = {project(wish): wish for wish in wishes}
    for name in names:
        if known.pop(project(name), None) is None:
            there = ", ".join(wishes) or "nothing"
            raise Refusal(f"'{name}' was not added; what was added is {there}")
    return sorted(known.values())


def change(folder, data_dir, wishes):
    """Makes the folder hold these wishes and what they need, and nothing else."""
    staging = f"{folder}.new"
    shutil.rmtree(staging, ignore_errors=True)
    os.mkdir(staging, 0o755)
    try:
        if wishes:
            install(pip_wheel.obtain(data_dir), staging, wishes)
        write_manifest(staging, wishes)
        put_in_place(staging, folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def install(wheel, staging, wishes):
    """Has pip fetch wheels, never anything that has to be built: that would run its code here."""
    command = [
        sys.executable, "-I", os.path.join(wheel, "pip"), "install", "--only-binary", ":all:",
        "--target", staging, "--no-user", "--no-input", "--disable-pip-version-check",
        "--no-warn-script-location", "--root-user-action", "ignore", "--progress-bar", "off", "--",
    ]
    code = subprocess.run([*command, *wishes], stdin=subprocess.DEVNULL, check=False).returncode
    if code != 0:
        raise Refusal(f"pip ended with exit code {code}; nothing was changed")


def write_manifest(staging, wishes):
    """Says what the folder holds."""
    from importlib import metadata
    installed = {found.metadata["Name"]: found.version for found in metadata.distributions(path=[staging])}
    content = {"wishes": wishes, "installed": dict(sorted(installed.items()))}
    with open(os.path.join(staging, MANIFEST), "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)


def put_in_place(staging, folder):
    """Puts the staging folder in the place of the folder, which becomes FOLDER.old."""
    if not os.path.isdir(folder):
        os.rename(staging, folder)
        return
    swap(staging, folder)
    shutil.rmtree(f"{folder}.old", ignore_errors=True)
    os.rename(staging, f"{folder}.old")


def swap(left, right):
    """Has two folders change places, at once."""
    libc = ctypes.CDLL(None, use_errno=True)
    names = [os.fsencode(name) for name in (left, right)]
    if libc.renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], EXCHANGE) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), right)


def show(folder):
    """Prints what the folder holds."""
    manifest = read_manifest(folder)
    if manifest is None:
        print(f"No packages in '{folder}'.")
        return
    asked_for = set(map(project, manifest["wishes"]))
    for name, version in manifest["installed"].items():
        print(f"{name} {version}{'' if project(name) in asked_for else ' (needed by others)'}")


def main(action, folder, data_dir, *names):
    """Does what is asked for."""
    folder = os.path.abspath(folder)
    if action == "list":
        show(folder)
        return
    os.umask(0o022)
    os.makedirs(data_dir, 0o700, exist_ok=True)
    os.makedirs(os.path.dirname(folder), 0o755, exist_ok=True)
    with open(f"{folder}.lock", "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refusal("another command is changing them") from error
        wishes = standing(folder)
        change(folder, data_dir, (added if action == "add" else removed)(wishes, names))
    show(folder)


try:
    main(*sys.argv[1:])
except (Refusal, pip_wheel.Unobtainable, OSError) as problem:
    sys.exit(f"Cannot {sys.argv[1]} packages: {problem}")
