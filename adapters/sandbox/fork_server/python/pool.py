"""JavaScript processes started ahead: each a whole fresh sandbox whose runtime stands and waits for its program.

Each serves one run and is never used again. They start one at a time, only once requests have paused,
and as root at the lowest priority, so that they take no processor from a run.
"""

import os
import time

import ahead
import kernel
import wire

# No request for so long counts as a pause.
PAUSE_SECONDS = 0.03
# One that is not ready by then is given up; the lowest priority on a busy machine can take long.
START_SECONDS = 60.0
# Losing so many without one of them having served a run turns the pool off.
MOST_LOST = 5
SOON_SECONDS, LONG_SECONDS, REST_SECONDS = 0.003, 0.1, 1.0


class Pool:
    """The processes that wait, and the one that starts. `service` watches descriptors and keeps runs."""

    def __init__(self, service):
        self.service = service
        self.kept = None
        self.size = 0
        self.waiting = []
        self.starting = None
        self.started_at = 0.0
        # How long until it is looked at again whether the one that starts can be made quiet.
        self.patience = SOON_SECONDS
        self.last_request = 0.0
        self.next_number = 0
        self.taken_numbers = set()
        self.lost = 0
        self.begun = {"warm": 0, "cold": 0}
        self.is_untold = False

    def keep(self, fields, frame):
        """From now on keeps as many as the request's number says, with the request's limits."""
        self.kept = (fields, frame)
        self.size = min(fields[1], len(kernel.AHEAD_IDS) // 2)

    def rest(self):
        """How long the service's loop may sleep while nothing runs."""
        if self.starting is not None:
            return REST_SECONDS if self.starting.is_quiet else self.patience
        if len(self.waiting) < self.size:
            return max(SOON_SECONDS, self.last_request + PAUSE_SECONDS - time.monotonic())
        return REST_SECONDS

    def tend(self):
        """Starts one when one is missing and requests have paused. Called on every turn of the loop."""
        if self.starting is not None:
            if not self.starting.is_quiet:
                self.starting.be_quiet()
                self.patience = min(2 * self.patience, LONG_SECONDS)
            elif time.monotonic() > self.started_at + START_SECONDS:
                self.starting.kill()
        elif len(self.waiting) < self.size:
            now = time.monotonic()
            if now > self.last_request + PAUSE_SECONDS and self.may_start():
                self.started_at = now
                self.start()

    def may_start(self):
        """Whether a start takes nothing from a run: not everybody can put a lowered priority back."""
        if len(self.taken_numbers) == len(kernel.AHEAD_IDS):
            return False
        return ahead.MAY_HASTEN or not self.service.runs

    def start(self):
        """Starts one."""
        self.patience = SOON_SECONDS
        run = ahead.AheadRun(self.kept[0], self.free_number())
        try:
            if self.service.accounted:
                run.join(self.service.groups)
            run.start(self.service.forkers.programs, self.kept[1])
        except OSError as error:
            self.starting = run
            self.lose(run, str(error))
            return
        self.starting = run
        self.taken_numbers.add(run.place)
        self.service.watch(run.status.fileno(), lambda: self.hear(run))
        self.service.watch(run.output.descriptor, lambda: self.see_output(run))

    def free_number(self):
        """A number that none which waits or runs has: it becomes a uid."""
        while self.next_number in self.taken_numbers:
            self.next_number = (self.next_number + 1) % len(kernel.AHEAD_IDS)
        return self.next_number

    def hear(self, run):
        """Hears the init of one that waits: that it has begun, or has ended."""
        if not run.hear():
            self.lose(run, run.last_words())

    def see_output(self, run):
        """The one byte that says that the runtime stands. Anything else, or the end, is a loss."""
        self.service.forget(run.output.descriptor)
        if run is self.starting and run.is_ready():
            self.starting = None
            self.waiting.append(run)
            self.tell()

    def lose(self, run, why):
        """One has ended, or could not start, before it had a program."""
        self.let_go(run)
        self.service.put_away(run)
        self.lost += 1
        if self.lost == MOST_LOST and self.size > 0:
            self.size = 0
            text = f"The pool is off: {MOST_LOST} processes started ahead were lost: {why}\n"
            os.write(2, text.encode())
        self.tell()

    def let_go(self, run):
        """Forgets one that the pool watches."""
        if run is self.starting:
            self.starting = None
        if run in self.waiting:
            self.waiting.remove(run)
        self.taken_numbers.discard(run.place)
        for descriptor in run.watched():
            self.service.forget(descriptor)

    def adopt(self, fields, body):
        """A process for a request: one that waits and can take it, by now with its program; else None."""
        self.last_request = time.monotonic()
        if fields[2] != wire.JAVASCRIPT:
            return None
        run = self.chosen(fields, body)
        self.begun["cold" if run is None else "warm"] += 1
        self.is_untold = True
        return run

    def chosen(self, fields, body):
        """What `adopt` answers."""
        if not self.waiting or not self.waiting[0].can_take(fields, body):
            return None
        run = self.waiting[0]
        self.let_go(run)
        if run.adopt(fields, body):
            self.taken_numbers.add(run.place)
            self.lost = 0
            return run
        # It has just ended, or what it was asked for cannot be: no loss to turn the pool off for.
        run.kill()
        self.service.put_away(run)
        return None

    def end(self, run):
        """A run is over: its number, if it was adopted, is free. Its reply carries along what is untold."""
        self.taken_numbers.discard(run.place)
        if self.is_untold:
            self.tell()

    def tell(self):
        """Says to the service how the pool is."""
        self.is_untold = False
        text = f"{len(self.waiting)} {self.begun['warm']} {self.begun['cold']}"
        self.service.outlet.send(wire.telling(wire.POOL, text.encode()))
