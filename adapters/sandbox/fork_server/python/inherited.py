"""What a copy of this forker begins with, before the program in it has done anything."""

import os

import accounting


class Inherited:
    """Bytes, as of the last `measure`: `data` as RLIMIT_DATA counts, `anonymous` as shared pages."""

    data = 0
    anonymous = 0


def measure():
    """Takes this process's present size as what its copies begin with."""
    status = accounting.read(f"/proc/{os.getpid()}/status")
    Inherited.data = accounting.kilobytes(status, b"VmData:")
    Inherited.anonymous = accounting.kilobytes(status, b"RssAnon:")
