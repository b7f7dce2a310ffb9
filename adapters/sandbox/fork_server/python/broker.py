"""Stands between the service and the sandboxes: takes requests, keeps their data, never forks for one.

Started as `python3 -I -S -B broker.py [HOST_PATH=PLACE_INSIDE ...]` with frames on standard input
and output (wire.py). Ends when its input does, and everything that it started ends with it.
"""

import os
import signal
import socket
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CLEAN = {"LC_ALL": "C.UTF-8"}


def main():
    """Serves until its input ends; returns only in a run, with the program to become."""
    if dict(os.environ) != CLEAN:
        os.execve(sys.executable, [sys.executable, "-I", "-S", "-B", *sys.argv], CLEAN)
    sys.path.insert(0, HERE)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.setsid()
    plan = {
        "privileged": os.geteuid() == 0,
        "prefix": os.path.realpath(sys.base_prefix),
        "extras": dict(word.split("=", 1) for word in sys.argv[1:]),
    }
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        ours.close()
        import forker
        return forker.start(plan, theirs)
    theirs.close()
    import service
    service.serve(plan, ours, pid)


if __name__ == "__main__":
    chosen = main()
    chosen.become()
