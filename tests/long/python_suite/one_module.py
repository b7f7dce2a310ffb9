"""Runs one module of CPython's own test suite: `FOLDER MODULE`.

Prints a line for each test, `@ OUTCOME NAME`, so that a run that dies keeps those before; the last line
is `@ end MODULE`. Outcomes are those of unittest.
"""

import os
import sys
import unittest

FOLDER, MODULE = sys.argv[1:3]
SAY = os.dup(1)


def say(outcome, name):
    """One line, whatever the tests have done to the standard streams."""
    line = " ".join(f"{outcome} {name}".split())
    os.write(SAY, f"\n@ {line}\n".encode(errors="backslashreplace"))


def name_of(test):
    """A name that is the same in every run; the failures of classes and modules keep their own."""
    return test.id() if isinstance(test, unittest.TestCase) else str(test)


class Teller(unittest.TestResult):
    """Tells of each test once: as failed where any of its parts did."""

    def startTest(self, test):
        super().startTest(test)
        self.outcome = "passed"

    def stopTest(self, test):
        super().stopTest(test)
        say(self.outcome, name_of(test))
        self.outcome = None

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.fail(test, self.failures[-1][1])

    def addError(self, test, error):
        super().addError(test, error)
        self.fail(test, self.errors[-1][1])

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.fail(test, f"{subtest}: {error[1]!r}")

    def fail(self, test, why):
        """Marks the test as failed, or says so at once outside of one."""
        os.write(2, f"{name_of(test)}: {why}\n".encode(errors="backslashreplace"))
        if getattr(self, "outcome", None) is None:
            say("failed", name_of(test))
        else:
            self.outcome = "failed"

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        if getattr(self, "outcome", None) is None:
            say("skipped", name_of(test))
        else:
            self.outcome = "skipped"

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.outcome = "failed"


def add_suite():
    """Puts the suite in front, also inside the packages that carry tests of their own."""
    sys.path.insert(0, FOLDER)
    for package in ("ctypes", "distutils", "lib2to3", "unittest"):
        __import__(package)
        sys.modules[package].__path__.append(f"{FOLDER}/{package}")


def main():
    """Runs the module's tests."""
    add_suite()
    from test import support
    # None of what is slow, large or asks the network, as the suite's own runner chooses.
    support.use_resources = []
    support.verbose = 0
    try:
        tests = unittest.defaultTestLoader.loadTestsFromName(f"test.{MODULE}")
    except unittest.SkipTest:
        say("skipped", f"test.{MODULE}")
    else:
        tests.run(Teller())
    say("end", MODULE)


if __name__ == "__main__":
    main()
