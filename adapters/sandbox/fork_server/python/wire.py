"""The shapes that travel between service, broker, forker and a run's init. Little-endian.

service → broker: REQUEST, then the job, then the standard input, then the patterns of files to bring back
broker → forker:  ORDER, with descriptors: job, stdout, stderr, status, input when there is one, and the
                  run's cgroup where runs have one
forker → broker:  BEGUN with a descriptor of the run's init, on the run's status socket
init → broker:    ENDING, with a descriptor of the run's /tmp where its files are wanted; or FAULT and a text
                  when the sandbox could not be set up; there too
broker → service: REPLY, then stdout, then stderr, then files

Of a run whose caller listens, outputs come as they are written in replies of the kind TOLD, whose cause is the
stream; TAKEN, its memory field a count of bytes, says that the caller has room for as much again.
Beside the runs: COUNT and GONE ask for what the broker can see (sights.py), GONE with the connections after the
REQUEST, and are answered by a text; KEEP is a REQUEST without a job, its id the number of JavaScript processes to keep started
ahead and its limits theirs; ADOPTION tells such a process's init that its program has come; the replies
START and POOL tell how the server stands and how many processes wait.

A job is JOB, then code, arguments and NAME=value pairs, each of these ended by a NUL, then files, each one
INPUT_FILE_HEAD, path, content. Patterns are ended by NULs too.

The files of a reply, where some were wanted, are FILES, then each that is brought back as FILE, path, content,
then each that is named but left as OMITTED, path.
"""

import os
import struct

LENGTH = struct.Struct("<I")

RUN, CANCEL, COUNT, KEEP, TAKEN, GONE = 1, 2, 3, 4, 5, 6
# op, id, language, wall s, cpu s, memory B, processes, open files, file size B, output B,
# job length, input length, flags, patterns length, files to bring back at most, their bytes at most
REQUEST = struct.Struct("<BIBddQIIQQIIBIIQ")
# Where the memory and the job's and input's lengths stand.
MEMORY_FIELD, JOB_FIELD, INPUT_FIELD = 5, 10, 11
# Flags: the caller hears of the outputs as they come.
STREAMED = 1

# language, number, wall s, cpu s, memory B, processes, open files, file size B, job length, code length,
# kind of input, whether the run's files are wanted
ORDER = struct.Struct("<BIddQIIQIIB?")
JOB_LENGTH, CODE_LENGTH, INPUT_KIND, WANTS_FILES = 8, 9, 10, 11
# Ahead: the program is yet to come, by its standard input, and the number is one of a count of its own.
NO_INPUT, INPUT_FILE, AHEAD = range(3)

# kind, wall s, cpu s: broker → an init that is no table, once its program has come.
ADOPTION = struct.Struct("<Bdd")
ADOPTED = 1

# code length, arguments length, pairs length, files length
JOB = struct.Struct("<IIII")
# path length, content length
INPUT_FILE_HEAD = struct.Struct("<II")

# files brought back, files named and left, all files left
FILES = struct.Struct("<III")
# path length, content length
FILE = struct.Struct("<II")
# path length, size or -1 where there is none, reason
OMITTED = struct.Struct("<IqB")
TOO_LARGE, TOO_MANY, NOT_A_REGULAR_FILE, UNREADABLE, TOO_DEEP = range(5)

PYTHON, JAVASCRIPT, BASH = 0, 1, 2

# kind, cause, wait status, wall s, cpu s, accounted peak B, largest process B
ENDING = struct.Struct("<BBiddQQ")
ENDED, FAULT, BEGUN = 0, 1, 2
# The same from an init that is a table of system calls (steps.py), and so cannot pack; and BEGUN, when
# nobody but the broker holds the run to its limits.
ENDED_TABLE, FAULT_TABLE, BEGUN_TABLE = 3, 4, 5
# The kind of replies that tell a piece of output.
TOLD = 6
# kind, wait status, start s, ns, end s, ns, struct rusage
TABLE_ENDING = struct.Struct("<B7xi4x2q2q18q")
# Where an order's descriptors stand.
JOB_FILE, STDOUT, STDERR, STATUS, INPUT = range(5)


def cgroup_of(order, descriptors):
    """The descriptor of a run's cgroup; None where runs have none."""
    others = INPUT + (order[INPUT_KIND] != NO_INPUT)
    return descriptors[others] if len(descriptors) > others else None


BY_ITSELF, BY_TIMEOUT, BY_CPU, BY_MEMORY, BY_ORDER, BY_OUTPUT = range(6)

# id, ENDING's fields, stdout truncated, stderr truncated, stdout length, stderr length, files length
REPLY = struct.Struct("<IBBiddQQ??III")

# forker → broker, once: how it starts runs and what its copies share with it, "STARTER BYTES CAN_PLACE"; why there
# is none; for a forker that should have had one more package, why it has not.
STANDS, FAILED, NOT_PRELOADED = b"R", b"E", b"N"

# The id of the one reply that tells how the server's start went; its stdout is JSON.
START = 0
# The id of replies that tell how the pool is: processes waiting, runs begun warm, runs begun cold.
POOL = 0xFFFFFFFF


def telling(number, text):
    """A reply that carries a text and no run."""
    return REPLY.pack(number, ENDED, 0, 0, 0, 0, 0, 0, False, False, len(text), 0, 0) + text



def told(number, stream, text):
    """A reply that carries a piece of a run's output, of the stream 0 or 1."""
    return REPLY.pack(number, TOLD, stream, 0, 0, 0, 0, 0, False, False, len(text), 0, 0) + text


NOT_STARTED = 125


def report_fault(status, error):
    """Says on a run's status socket that the run could not be walled in, and ends the process."""
    try:
        status.send(bytes([FAULT]) + str(error).encode())
    finally:
        os._exit(NOT_STARTED)
