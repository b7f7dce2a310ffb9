"""Lets go of descriptors in a thread of its own.

The last one of a run's /tmp takes all that is in it along, which for a hundred thousand files, or a gigabyte,
takes longer than the broker may look away.
"""

import _queue
import _thread
import os

WAITING = _queue.SimpleQueue()
STARTED = []
# What waits still has its memory, which nobody's limit counts any more.
MOST_WAITING = 8


def close(descriptor):
    """Closes a descriptor, soon."""
    if not STARTED:
        STARTED.append(_thread.start_new_thread(work, ()))
    WAITING.put(descriptor)


def is_behind():
    """Whether so many wait that no more should come."""
    return WAITING.qsize() >= MOST_WAITING


def work():
    """What the thread does, for as long as the process lives."""
    while True:
        descriptor = WAITING.get()
        try:
            os.close(descriptor)
        except OSError:
            # It is gone all the same (close(2)); those that wait are not to pay for it.
            pass
