"""Stands between the service and the sandboxes: takes requests, keeps their data, never forks for one.

Started as `python3 -I -S -B broker.py [HOST_PATH=PLACE_INSIDE ...]` with frames on standard input
and output (wire.py). Ends when its input does, and everything that it started ends with it.
"""

import _signal
import _socket
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CLEAN = {"LC_ALL": "C.UTF-8"}


def main():
    """Splits into the forker and the service's half; neither returns."""
    if dict(os.environ) != CLEAN:
        os.execve(sys.executable, [sys.executable, "-I", "-S", "-B", *sys.argv], CLEAN)
    sys.path.insert(0, HERE)
    for number in (_signal.SIGINT, _signal.SIGTERM, _signal.SIGHUP):
        _signal.signal(number, _signal.SIG_IGN)
    os.setsid()
    plan = {
        "privileged": os.geteuid() == 0,
        "prefix": os.path.realpath(sys.base_prefix),
        "extras": dict(word.split("=", 1) for word in sys.argv[1:]),
    }
    ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        ours.close()
        import forker
        forker.start(plan, theirs)
    theirs.close()
    import service
    service.serve(plan, ours, pid)


main()
