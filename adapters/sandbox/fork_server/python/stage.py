"""What containers are made of, in a folder of the server's own: the file tree, and a runtime's own files.

As root everything that runs see is bound into the tree once, in a mount namespace of the launcher's, so
that a run's uid needs no way to it by path, and nothing of it can stay on the host. Where that may not be
done, the tree has empty places, and the runtime of each container binds over them.
"""

import errno
import fcntl
import os
import stat

import kernel
import rootfs

PARENT, PREFIX = "/tmp", "ultimate-mcp-containers-"
SIZE = "16m"
# Of a root file system that an operator names: what is every run's own, or nobody's business.
NOT_SHOWN = ("dev", "etc", "lost+found", "proc", "run", "sys", "tmp")
# Folders in which places are added, so that only what they hold can be bound.
HOLDING = ("opt",)
LARGEST_FILE = 1 << 20
READABLE_BY_ALL = 0o004
SEALED = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC | kernel.MS_RDONLY
CGROUPS = "/sys/fs/cgroup"


class Stage:
    """The folder. `binds` (source, target) and `covers` (target) are left to the runtime."""

    def __init__(self):
        sweep()
        self.folder, self.lock = make_folder()
        self.root = f"{self.folder}/root"
        self.binds, self.covers = [], []
        self.is_mounted = False

    def furnish(self, plan):
        """Puts up the tree: from the host's own folders, or from those that the operator names."""
        self.is_mounted = os.geteuid() == 0 and self.enter_mount_namespace()
        os.mkdir(self.root, 0o755)
        rootfs.make_folders(self.root)
        other = plan["container"].rootfs
        if other is None:
            rootfs.show_system(self.root, plan["prefix"], self.show, self.cover)
            rootfs.write_etc(self.root)
        else:
            self.show_folder(other, "")
            copy_tree(f"{other}/etc", f"{self.root}/etc", rootfs.ETC)
            rootfs.write_names(self.root)
        rootfs.show_extras(plan["extras"], self.show)
        self.place_devices()
        if self.is_mounted:
            sealed = kernel.ATTR_RDONLY | kernel.ATTR_NOSUID | kernel.ATTR_NODEV
            kernel.mount(self.root, self.root, None, kernel.MS_BIND | kernel.MS_REC)
            kernel.restrict_mount(self.root, sealed, recursive=True)

    def enter_mount_namespace(self):
        """Whether this process could have a mount namespace, with the folder as a file system in memory."""
        try:
            kernel.unshare(kernel.NEWNS, "unshare mount namespace")
        except OSError:
            return False
        kernel.mount(None, "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
        kernel.mount("tmpfs", self.folder, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV,
                     f"mode=755,size={SIZE}")
        # No runtime is to divide the host's cgroups: nobody gave them to it.
        if os.path.ismount(CGROUPS):
            kernel.restrict_mount(CGROUPS, kernel.ATTR_RDONLY, recursive=True)
        return True

    def hide_cgroups(self):
        """Takes the host's cgroups out of the runtime's sight, where that can be done."""
        if self.is_mounted and os.path.isdir(CGROUPS):
            kernel.mount("tmpfs", CGROUPS, "tmpfs", SEALED, "mode=555,size=4k")

    def place_devices(self):
        """Places for devices. A file of the host's disk cannot be as large as one in memory."""
        try:
            rootfs.place_devices(self.root)
        except OSError as error:
            if error.errno not in (errno.EFBIG, errno.EINVAL):
                raise
            os.truncate(f"{self.root}/{rootfs.ZERO}", 1 << 43)

    def show(self, source, target):
        """Has a file or folder of the host stand inside."""
        place = rootfs.make_place(self.root, source, target)
        if self.is_mounted:
            kernel.mount(source, place, None, kernel.MS_BIND | kernel.MS_REC)
        else:
            self.binds.append((source, target))

    def cover(self, target):
        """Has an empty folder stand inside."""
        if self.is_mounted:
            kernel.mount("tmpfs", f"{self.root}{target}", "tmpfs", kernel.MS_NOSUID, "mode=755,size=4k")
        else:
            self.covers.append(target)

    def show_folder(self, folder, at):
        """Shows what an operator's root file system holds."""
        for entry in os.scandir(f"{folder}{at}"):
            target = f"{at}/{entry.name}"
            if at == "" and entry.name in NOT_SHOWN:
                continue
            if entry.is_symlink():
                os.symlink(os.readlink(entry.path), f"{self.root}{target}")
            elif at == "" and entry.name in HOLDING:
                os.makedirs(f"{self.root}{target}", 0o755, exist_ok=True)
                self.show_folder(folder, target)
            elif entry.is_dir():
                self.show(entry.path, target)

    def remove(self):
        """Leaves nothing of it on the host."""
        if self.is_mounted:
            kernel.unmount(self.folder)
        remove(self.folder)
        os.close(self.lock)


def make_folder():
    """A new folder that every run's uid can enter, and a descriptor of the lock that says that it is used."""
    folder = f"{PARENT}/{PREFIX}{os.getpid()}-{os.urandom(8).hex()}"
    os.mkdir(folder, 0o755)
    lock = os.open(f"{folder}/lock", os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return folder, lock


def sweep():
    """Removes the folders of this user's servers that were killed."""
    for entry in os.scandir(PARENT):
        is_ours = entry.name.startswith(PREFIX) and entry.is_dir(follow_symlinks=False)
        if is_ours and entry.stat(follow_symlinks=False).st_uid == os.geteuid():
            try:
                lock = os.open(f"{entry.path}/lock", os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            remove(entry.path)
            os.close(lock)


def remove(folder):
    """Removes a folder and all in it; what cannot be removed stays."""
    for path, folders, files in os.walk(folder, topdown=False):
        for name in files:
            attempt(os.unlink, f"{path}/{name}")
        for name in folders:
            found = f"{path}/{name}"
            attempt(os.unlink if os.path.islink(found) else os.rmdir, found)
    attempt(os.rmdir, folder)


def attempt(step, path):
    """Does a step of the removal; another server may have been faster."""
    try:
        step(path)
    except OSError:
        pass


def copy_tree(source, target, others):
    """Copies files of moderate size that everybody may read, and links, but for the names of others."""
    for path, folders, files in os.walk(source):
        place = f"{target}{path[len(source):]}"
        os.makedirs(place, 0o755, exist_ok=True)
        for name in (*folders, *files):
            found, facts = f"{path}/{name}", os.lstat(f"{path}/{name}")
            if path == source and name in others:
                continue
            if stat.S_ISLNK(facts.st_mode):
                os.symlink(os.readlink(found), f"{place}/{name}")
            elif stat.S_ISREG(facts.st_mode) and may_be_copied(facts):
                with open(found, "rb") as origin, open(f"{place}/{name}", "wb") as copy:
                    copy.write(origin.read())


def may_be_copied(facts):
    """Whether a file is everybody's to read, and no data."""
    return facts.st_mode & READABLE_BY_ALL != 0 and facts.st_size <= LARGEST_FILE
