"""The file tree that every run sees: the interpreter's own folders, read-only, and nothing else."""

import os

import kernel

NEW_ROOT = "/sys"
DEVICES = ("null", "full", "random", "urandom")
# A device's shared mapping would be memory that no process is charged for; a sparse file reads alike.
ZERO, ZERO_SIZE = "dev/zero", 1 << 62
LINKS = {
    "dev/fd": "/proc/self/fd",
    "dev/stdin": "/proc/self/fd/0",
    "dev/stdout": "/proc/self/fd/1",
    "dev/stderr": "/proc/self/fd/2",
    "dev/shm": "/tmp",
}
ETC = ("passwd", "group", "hosts", "nsswitch.conf")
COPIED = ("ld.so.cache", "localtime", "mime.types")
TOP_FOLDERS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
LOCAL = "/usr/local"
# Where the operator's packages stand inside.
PACKAGES = "/opt/python"


def build(prefix, extras):
    """Builds the tree and makes it this mount namespace's root.

    `prefix` is the interpreter's own folder; `extras` maps more host files or folders to their
    places inside.
    """
    kernel.mount(None, "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("tmpfs", NEW_ROOT, "tmpfs", kernel.MS_NOSUID, "mode=755,size=4m")
    make_folders(NEW_ROOT)
    show_system(NEW_ROOT, prefix, bind, cover)
    show_extras(extras, bind)
    write_etc(NEW_ROOT)
    sealed = kernel.ATTR_RDONLY | kernel.ATTR_NOSUID
    place_devices(NEW_ROOT)
    kernel.restrict_mount(NEW_ROOT, sealed | kernel.ATTR_NODEV, recursive=True)
    for device in DEVICES:
        bind(f"/dev/{device}", f"/dev/{device}")
        kernel.restrict_mount(f"{NEW_ROOT}/dev/{device}", sealed | kernel.ATTR_NOEXEC)
    # The kernel lets a user namespace mount a /proc only where it already sees a whole one.
    bind("/proc", "/proc")
    kernel.pivot_root(NEW_ROOT)


def make_folders(root):
    """The folders that every tree has, and the links in /dev."""
    for folder in ("proc", "tmp", "dev", "etc", "usr"):
        os.mkdir(f"{root}/{folder}", 0o755)
    for name, target in LINKS.items():
        os.symlink(target, f"{root}/{name}")


def place_devices(root):
    """Empty files for the device nodes to be bound over, once nothing can be written any more."""
    for device in DEVICES:
        touch(f"{root}/dev/{device}")
    touch(f"{root}/{ZERO}")
    os.truncate(f"{root}/{ZERO}", ZERO_SIZE)


def show_system(root, prefix, show, hide):
    """/usr without /usr/local, the top folders beside it, and the interpreter's own folder.

    `show(source, target)` and `hide(target)` have a host folder stand inside, and an empty one.
    """
    show("/usr", "/usr")
    if os.path.isdir(LOCAL) and not prefix.startswith(LOCAL):
        hide(LOCAL)
    for name in TOP_FOLDERS:
        path = f"/{name}"
        if os.path.islink(path):
            os.symlink(os.readlink(path), f"{root}{path}")
        elif os.path.isdir(path):
            show(path, path)
    if not prefix.startswith("/usr"):
        show(prefix, prefix)


def show_extras(extras, show):
    """What else of the host is shown, where it can be read."""
    for source, target in extras.items():
        if os.access(source, os.R_OK):
            show(source, target)


def bind(source, target):
    """Shows a host file or folder inside the new root."""
    kernel.mount(source, make_place(NEW_ROOT, source, target), None, kernel.MS_BIND | kernel.MS_REC)


def cover(target):
    """Hides what a folder inside the new root holds."""
    kernel.mount("tmpfs", f"{NEW_ROOT}{target}", "tmpfs", kernel.MS_NOSUID, "mode=755,size=4k")


def make_place(root, source, target):
    """Where a host file or folder is to be shown, made if need be."""
    place = f"{root}{target}"
    if os.path.isdir(source):
        os.makedirs(place, 0o755, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(place), 0o755, exist_ok=True)
        touch(place)
    return place


def touch(path):
    """An empty file to mount something over."""
    if not os.path.exists(path):
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))


def write_etc(root):
    """A minimal /etc: no file of the host's but what names libraries, times and types."""
    write_names(root)
    for name in COPIED:
        try:
            with open(f"/etc/{name}", "rb") as source:
                content = source.read()
        except OSError:
            continue
        with open(f"{root}/etc/{name}", "wb") as file:
            file.write(content)
    os.mkdir(f"{root}/etc/alternatives")
    if os.path.isdir("/etc/alternatives"):
        for entry in os.scandir("/etc/alternatives"):
            if entry.is_symlink():
                os.symlink(os.readlink(entry.path), f"{root}/etc/alternatives/{entry.name}")


def write_names(root):
    """The files that name users, groups and hosts."""
    ids = (*kernel.RUN_IDS, *kernel.AHEAD_IDS)
    users = "".join(f"sandbox:x:{n}:{n}::/tmp/work:/bin/bash\n" for n in ids)
    groups = "".join(f"sandbox:x:{n}:\n" for n in ids)
    contents = (
        "root:x:0:0::/:/usr/sbin/nologin\n" + users,
        "root:x:0:\n" + groups,
        "127.0.0.1 localhost\n",
        "passwd: files\ngroup: files\nhosts: files\n",
    )
    for name, content in zip(ETC, contents):
        with open(f"{root}/etc/{name}", "x", encoding="ascii") as file:
            file.write(content)
