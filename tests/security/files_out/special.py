# Everything that is no regular file and can be made here, under the names that are asked for.
import os
import socket
import stat

MADE = []


def attempt(name, make):
    """Makes something; what the sandbox refuses to make cannot be brought out either."""
    try:
        make(name)
        MADE.append(name)
    except OSError:
        pass


attempt("fifo.out", os.mkfifo)
attempt("folder.out", os.mkdir)
attempt("link.out", lambda name: os.symlink("/dev/zero", name))
attempt("char.out", lambda name: os.mknod(name, 0o666 | stat.S_IFCHR, os.makedev(1, 5)))
attempt("block.out", lambda name: os.mknod(name, 0o666 | stat.S_IFBLK, os.makedev(7, 0)))
attempt("node.out", lambda name: os.mknod(name, 0o666 | stat.S_IFSOCK))
attempt("bound.out", lambda name: socket.socket(socket.AF_UNIX).bind(name))
with open("plain.out", "w", encoding="utf-8") as file:
    file.write("plain")
os.link("plain.out", "hard.out")
print(" ".join(sorted(MADE)))
