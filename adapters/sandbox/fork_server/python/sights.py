"""What the broker can see of the service that Deno's permissions hide from it: questions and answers are texts."""

import os

import connections
import wire


def count_descriptors(_):
    """How many descriptors the service has open."""
    return str(len(os.listdir(f"/proc/{os.getppid()}/fd")))


SIGHTS = {wire.COUNT: count_descriptors, wire.GONE: connections.gone}
