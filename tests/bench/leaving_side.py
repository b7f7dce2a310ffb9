"""
Closes requests whose programs run, and waits for these to be dead: `python3 leaving_side.py PORT CLOSINGS`, the
token on standard input. Writes JSON: for each way to send a request the milliseconds of each closing.
"""

import json
import os
import socket
import sys
import time

LOOK_SECONDS = 0.001
BEGIN_SECONDS = 30
# The closings come at all moments between two of the service's own looks.
STEP_SECONDS, STEPS = 0.007, 20

# Whether the body comes in a packet of its own, and with how much behind its program.
WAYS = {
    "body with the head": (False, 0),
    "body in a packet of its own": (True, 0),
    "20 KB in one go": (False, 20_000),
}


def words_of(folder):
    """The command line of a process; nothing of one that has ended."""
    try:
        with open(f"/proc/{folder}/cmdline", "rb") as file:
            return file.read().split(b"\0")[:-1]
    except OSError:
        return []


def find(command):
    """The process that runs `command`, once it does."""
    until = time.monotonic() + BEGIN_SECONDS
    while time.monotonic() < until:
        for folder in os.listdir("/proc"):
            if folder.isdigit() and words_of(folder) == command:
                return folder
        time.sleep(5 * LOOK_SECONDS)
    raise TimeoutError(f"nothing runs {command}")


def is_dead(process):
    """Whether it has ended, be it that its parent has not noticed."""
    try:
        with open(f"/proc/{process}/stat", "rb") as file:
            return file.read().rpartition(b") ")[2][:1] in b"ZX"
    except OSError:
        return True


def request(token, code):
    """Head and body of a request to run a bash program."""
    body = json.dumps({"language": "bash", "code": code, "timeout_seconds": 60}).encode()
    lines = [
        "POST /api/v1/execute_code HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {token}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode(), body


def closing(port, token, way, turn):
    """Milliseconds from closing a request until its program is dead."""
    is_split, padding = WAYS[way]
    seconds = f"86400.{time.time_ns()}"
    head, body = request(token, f"sleep {seconds}; true" + "\n" * padding)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if is_split:
            connection.sendall(head)
            time.sleep(0.05)
            connection.sendall(body)
        else:
            connection.sendall(head + body)
        process = find([b"sleep", seconds.encode()])
        time.sleep(0.1 + STEP_SECONDS * (turn % STEPS))
    begun = time.perf_counter()
    while not is_dead(process):
        time.sleep(LOOK_SECONDS)
    return 1000 * (time.perf_counter() - begun)


def main():
    """All ways by turns, so that whatever else the machine does meets each of them."""
    port, closings = map(int, sys.argv[1:])
    token = sys.stdin.read().strip()
    times = {way: [] for way in WAYS}
    for turn in range(closings):
        for way, taken in times.items():
            taken.append(closing(port, token, way, turn))
    print(json.dumps(times))


main()
