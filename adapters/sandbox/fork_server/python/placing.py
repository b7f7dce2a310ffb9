"""Writes the files that a run brings, in the run's own process, which is confined by now.

So a path that should not have come this far reaches nothing but what the program itself could reach.
"""

import os

import wire

HEAD = wire.INPUT_FILE_HEAD
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
NOT_PLACED = 1


def place(job, start, length):
    """Places what lies in a descriptor from `start` on; ends the process when a file cannot be placed."""
    end, made = start + length, set()
    while start < end:
        path_length, size = HEAD.unpack(os.pread(job, HEAD.size, start))
        start += HEAD.size
        path = os.pread(job, path_length, start)
        start += path_length
        try:
            make_folders(path, made)
            copy(job, start, size, path)
        except OSError as error:
            refuse(path, error.strerror)
        except ValueError as error:
            refuse(path, str(error))
        start += size


def make_folders(path, made):
    """Makes the folders that a path goes through, but for those in `made`, to which they are added."""
    end = path.find(b"/", 1)
    while end > 0:
        folder = path[:end]
        if folder not in made:
            os.mkdir(folder, 0o755)
            made.add(folder)
        end = path.find(b"/", end + 1)


def copy(job, start, size, path):
    """Makes a file of some bytes of a job."""
    descriptor = os.open(path, NEW, 0o644)
    end = start + size
    while start < end:
        start += os.sendfile(descriptor, job, start, end - start)
    os.close(descriptor)


def refuse(path, reason):
    """Ends the process with a word, as a program does that cannot write a file."""
    os.write(2, f"Cannot place the file {path.decode(errors='replace')!r}: {reason}\n".encode())
    os._exit(NOT_PLACED)
