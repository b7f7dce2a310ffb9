"""pytest in a child of the harness, and what it tells of each test as it happens."""

import json
import os
import sys

REPORTS_ON_OUTPUT = False
MOST_TESTS = 10_000
MESSAGE, HEAD, NAME = 4096, 1024, 500
# From the one that says least to the one that says most.
RANKS = ("passed", "xpassed", "xfailed", "skipped", "failed", "error")
OPTIONS = ("-p", "no:cacheprovider", "--color=no", "--tb=short", "--basetemp=/tmp/pytest", "--rootdir=.", ".")


def prepare(order, secret):
    """(descriptor to read what is told, descriptors that the child alone needs, what the child becomes)."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    return reader, (writer,), lambda: become_pytest(Teller(writer, secret))


def become_pytest(teller):
    """Runs all tests of the working directory; ends this process."""
    # First, so that no file of the caller's is taken for it.
    try:
        import pytest
    except ImportError as error:
        teller.tell("unavailable", str(error))
        os._exit(0)
    sys.modules["__main__"] = type(sys)("__main__")
    sys.path.insert(0, os.getcwd())
    sys.argv = ["pytest", *OPTIONS]
    code = int(pytest.main(list(OPTIONS), plugins=[Plugin(pytest, teller)]))
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass
    os._exit(code)


class Teller:
    """The pipe. A copy of this process that a test makes says nothing: it is not the one that is asked."""

    def __init__(self, descriptor, secret):
        self.descriptor, self.secret = descriptor, secret
        # Tests put others in the place of such functions, and may forget to put them back.
        self.getpid, self.write, self.dumps = os.getpid, os.write, json.dumps
        self.process = os.getpid()

    def tell(self, kind, *words):
        """Writes one line."""
        if self.getpid() != self.process:
            return
        rest = memoryview(f"{self.secret} {self.dumps([kind, *words])}\n".encode())
        while rest:
            rest = rest[self.write(self.descriptor, rest):]


class Plugin:
    """Hears what pytest does."""

    def __init__(self, pytest, teller):
        self.pytest, self.tell = pytest, teller.tell
        # Of the test that runs now.
        self.outcome, self.messages = None, []

    def pytest_collection_finish(self, session):
        """All tests are found."""
        if len(session.items) > MOST_TESTS:
            raise self.pytest.UsageError(f"{len(session.items)} tests are more than {MOST_TESTS}")
        for item in session.items:
            self.tell("found", *place(item.nodeid, item.location))

    def pytest_collectreport(self, report):
        """A file, or a class, that could not be read, or wants to be left out."""
        if report.failed:
            self.tell("apart", *place(report.nodeid, None), "error", message_of(report))
        elif report.skipped:
            self.tell("apart", *place(report.nodeid, None), "skipped", message_of(report))

    def pytest_runtest_logstart(self, nodeid, location):
        """A test begins."""
        self.outcome, self.messages = None, []
        self.tell("begun", *place(nodeid, location))

    def pytest_runtest_logreport(self, report):
        """One of its phases, or a part of one, is done."""
        outcome = outcome_of(report)
        if outcome is None:
            return
        if self.outcome is None or RANKS.index(outcome) > RANKS.index(self.outcome):
            self.outcome = outcome
        if outcome != "passed":
            self.messages.append(message_of(report))

    def pytest_runtest_logfinish(self, nodeid, location):
        """It has ended, with its teardown."""
        message = bounded("\n".join(filter(None, self.messages))) or None
        self.tell("ended", self.outcome or "error", message)

    def pytest_keyboard_interrupt(self, excinfo):
        """Somebody wants no more tests."""
        self.tell("interrupted", bounded(str(excinfo.exconly())))

    def pytest_internalerror(self, excrepr):
        """pytest itself, or a plugin, went wrong."""
        self.tell("fault", bounded(str(excrepr)))

    def pytest_sessionfinish(self, session, exitstatus):
        """All is done."""
        self.tell("finished", int(exitstatus))


def place(nodeid, location):
    """(name, file, line from 1) of a test."""
    file, _, name = nodeid.partition("::")
    line = location[1] + 1 if location and location[1] is not None else None
    return bounded(name or file, NAME), file[:1024] or None, line


def outcome_of(report):
    """What a report makes of its test; None where it makes nothing of it yet."""
    expected = hasattr(report, "wasxfail")
    if report.skipped:
        return "xfailed" if expected else "skipped"
    if report.failed:
        return "failed" if report.when == "call" else "error"
    if report.when != "call":
        return None
    return "xpassed" if expected else "passed"


def message_of(report):
    """Why a test did not pass."""
    if getattr(report, "wasxfail", None):
        return bounded(report.wasxfail)
    if report.skipped and isinstance(report.longrepr, tuple):
        return bounded(str(report.longrepr[2]).removeprefix("Skipped: "))
    text = report.longreprtext
    return bounded(text if report.when in ("call", "collect") else f"{report.when}: {text}")


def bounded(text, most=MESSAGE):
    """Its beginning and its end, where it is too long."""
    if len(text) <= most:
        return text
    head = min(HEAD, most // 4)
    return f"{text[:head]} […] {text[len(text) - (most - head - 5):]}"
