"""Lets go of descriptors in a thread of its own.

The last one of a run's /tmp takes all that is in it along, which for a hundred thousand files, or a gigabyte,
takes longer than the broker may look away.
"""

import _queue
import _thread
import os

WAITING = _queue.SimpleQueue()
STARTED = []


def close(descriptor):
    """Closes a descriptor, soon."""
    if not STARTED:
        STARTED.append(_thread.start_new_thread(work, ()))
    WAITING.put(descriptor)


def work():
    """What the thread does, for as long as the process lives."""
    while True:
        os.close(WAITING.get())
