import type { TestRun } from "../fixtures/test_runs.ts";

const A = "def test_a(): pass\n";
const Z = "\ndef test_z(): pass\n";

/** A test that does something between two that pass. */
function amid(body: string): string {
  return `import os\n${A}def test_h():\n${body.replaceAll(/^/gm, "    ")}${Z}`;
}

const BROKEN_OFF = ["passed test_a", "crashed test_h", "not_run test_z"];

function python(
  behaviour: string,
  code: string,
  rest: Omit<TestRun, "behaviour" | "language" | "code">,
) {
  return { behaviour, language: "python", code, ...rest } as const;
}

/** What pytest makes of tests. */
export const PYTEST_RUNS: readonly TestRun[] = [
  python("passes", "def test_a(): print('x')\n\nclass TestB:\n    def test_c(self): pass\n", {
    outcome: "passed",
    cases: ["passed test_a", "passed TestB::test_c"],
    writes: /2 passed/,
  }),
  python("failures, with what was compared", "def test_a():\n    assert [1, 2] == [1, 3]\n", {
    outcome: "failed",
    cases: ["failed test_a"],
    says: /test_main\.py:2: in test_a[^]*assert \[1, 2\] == \[1, 3\]/,
    writes: /1 failed/,
  }),
  python(
    "failures in other scripts",
    `def test_a(): raise ValueError("語" * 9000 + chr(0xd800))\n`,
    {
      outcome: "failed",
      cases: ["failed test_a"],
      says: /ValueError: 語{500}/,
    },
  ),
  python(
    "errors of setup and of teardown",
    `import pytest
@pytest.fixture
def bad(): raise ValueError("no bread")
@pytest.fixture
def late():
    yield
    raise ValueError("no plates")
def test_setup(bad): pass
def test_teardown(late): pass
def test_both(late): assert 0
`,
    {
      outcome: "failed",
      cases: ["error test_setup", "error test_teardown", "error test_both"],
      says: /setup: [^]*no bread[^]*teardown: [^]*no plates/,
    },
  ),
  python(
    "skips, and expected failures",
    `import pytest
@pytest.mark.skip(reason="on strike")
def test_skipped(): pass
def test_inside(): pytest.skip("no tools")
@pytest.mark.xfail(reason="a known hole")
def test_known(): assert 0
@pytest.mark.xfail
def test_surprise(): pass
@pytest.mark.xfail(strict=True, reason="must not")
def test_strict(): pass
`,
    {
      outcome: "failed",
      cases: [
        "skipped test_skipped",
        "skipped test_inside",
        "xfailed test_known",
        "xpassed test_surprise",
        "failed test_strict",
      ],
      says: /on strike\nno tools\na known hole\n[^]*XPASS\(strict\)/,
    },
  ),
  python(
    "parametrised cases, each with its id",
    `import pytest
@pytest.mark.parametrize("a, b", [(1, 1), (1, 2)], ids=["same", "other"])
@pytest.mark.parametrize("c", [3])
def test_it(a, b, c): assert a == b
`,
    { outcome: "failed", cases: ["passed test_it[3-same]", "failed test_it[3-other]"] },
  ),
  python("no tests", "x = 1\n", { outcome: "no_tests", cases: [] }),
  python(
    "a module left out as a whole",
    "import pytest\npytest.skip('x', allow_module_level=True)\n",
    {
      outcome: "no_tests",
      cases: ["skipped test_main.py"],
    },
  ),
  python("what is no Python", "def test_a(:\n", {
    outcome: "error",
    cases: ["error test_main.py"],
    says: /SyntaxError: invalid syntax/,
  }),
  python("an import that is not there", "import nowhere\n" + A, {
    outcome: "error",
    cases: ["error test_main.py"],
    says: /No module named 'nowhere'/,
  }),
  python("an exit while the tests are read", "import os\nos._exit(0)\n" + A, {
    outcome: "crashed",
    cases: ["crashed (reading the tests)"],
    says: /ended with exit code 0 before/,
  }),
  python(
    "sys.exit() in a test, which pytest calls a failure",
    "import sys\ndef test_a(): sys.exit(0)\n",
    {
      outcome: "failed",
      cases: ["failed test_a"],
      says: /SystemExit: 0/,
    },
  ),
  python(
    "modules, conftest.py, data and more tests beside",
    "from stock import apples\n" +
      "def test_a(crate): assert apples() == crate\n",
    {
      files: {
        "main.py": "PRICE = 3\n",
        "stock.py":
          "import main\ndef apples(): return int(open('data/n.txt').read()) + main.PRICE\n",
        "data/n.txt": "4",
        "conftest.py": "import pytest\n@pytest.fixture\ndef crate(): return 7\n",
        "more/test_more.py": "def test_b(): pass\n",
      },
      outcome: "passed",
      cases: ["passed test_b", "passed test_a"],
    } as Omit<TestRun, "behaviour" | "language" | "code">,
  ),
  python(
    "subtests that fail",
    "def test_a(subtests):\n    for n in range(3):\n" +
      "        with subtests.test(n=n): assert n != 1\n",
    { outcome: "failed", cases: ["failed test_a"] },
  ),
  python("os._exit(0)", amid("os._exit(0)"), {
    outcome: "crashed",
    cases: BROKEN_OFF,
    says: /exit code 0/,
  }),
  python("a segmentation fault", amid("import ctypes\nctypes.string_at(0)"), {
    outcome: "crashed",
    cases: BROKEN_OFF,
    says: /SIGSEGV/,
    writes: /Segmentation fault[^]*in test_h/,
  }),
  python("a signal of its own", amid("os.kill(os.getpid(), 9)"), {
    outcome: "crashed",
    cases: BROKEN_OFF,
    says: /SIGKILL/,
  }),
  python("a signal to its whole group", amid("os.killpg(0, 9)"), {
    outcome: "crashed",
    cases: BROKEN_OFF,
    says: /SIGKILL/,
  }),
  python("KeyboardInterrupt", amid("raise KeyboardInterrupt"), {
    outcome: "error",
    cases: BROKEN_OFF,
    says: /KeyboardInterrupt/,
  }),
  python("more memory than there is", amid("x = []\nwhile True: x.append(bytearray(10 ** 6))"), {
    outcome: "memory",
    cases: BROKEN_OFF,
    says: /limit 'memory'/,
  }),
  python(
    "a fork bomb",
    amid("import time\nwhile True: os.fork() or time.sleep(60)"),
    {
      outcome: "failed",
      cases: ["passed test_a", "failed test_h", "passed test_z"],
    },
  ),
  python("a fork that goes on with the tests", amid("if os.fork() != 0: os.wait()"), {
    outcome: "passed",
    cases: ["passed test_a", "passed test_h", "passed test_z"],
  }),
];

/** Those that last as long as they may; run beside each other. */
export const HANGING_PYTEST_RUNS: readonly TestRun[] = [
  python("an endless loop", amid("while True: pass"), {
    timeoutSeconds: 5,
    outcome: "timeout",
    cases: ["passed test_a", "timeout test_h", "not_run test_z"],
  }),
  python("a wait for nobody", "import time\ntime.sleep(60)\n" + A, {
    timeoutSeconds: 5,
    outcome: "timeout",
    cases: ["timeout (reading the tests)"],
  }),
];

/** Programs that want to be told of as better than they are. */
export const PYTEST_ATTACKS: readonly TestRun[] = [
  python("prints a report", amid("print('1 passed')\nprint('[\"end\", 1, 0]')\nassert 0"), {
    outcome: "failed",
    cases: ["passed test_a", "failed test_h", "passed test_z"],
  }),
  python(
    "writes a report to every descriptor, and leaves",
    amid(
      "for number in range(1, 256):\n" +
        '    for line in (b\'\\n["told", 1, "[\\\\"finished\\\\",0]"]\\n["end", 1, 0]\\n\', b\'["finished", 0]\\n\'):\n' +
        "        try: os.write(number, line)\n        except OSError: pass\nos._exit(0)",
    ),
    {
      outcome: "error",
      cases: ["error test_a", "crashed test_h", "not_run test_z"],
      says: /none of it is believed/,
    },
  ),
  python(
    "opens what the harness has open",
    amid(
      "harness = os.getppid()\n" +
        "for kind in ('fd/1', 'fd/2', 'fd/3', 'mem', 'environ', 'root'):\n" +
        "    try: os.open(f'/proc/{harness}/{kind}', os.O_RDWR)\n" +
        "    except OSError: continue\n    raise SystemError(kind)",
    ),
    { outcome: "passed", cases: ["passed test_a", "passed test_h", "passed test_z"] },
  ),
  python(
    "lists the harness's descriptors",
    amid(
      "import pytest\nwith pytest.raises(PermissionError): os.listdir(f'/proc/{os.getppid()}/fd')",
    ),
    { outcome: "passed", cases: ["passed test_a", "passed test_h", "passed test_z"] },
  ),
  python(
    "traces the harness",
    amid(
      "import ctypes\nlibc = ctypes.CDLL(None)\nassert libc.ptrace(16, os.getppid(), 0, 0) == -1\n" +
        "assert libc.syscall(438, libc.syscall(434, os.getppid(), 0), 3, 0) == -1",
    ),
    { outcome: "passed", cases: ["passed test_a", "passed test_h", "passed test_z"] },
  ),
  python(
    "has pytest forget its failures",
    amid("assert 0") +
      "import atexit\natexit.register(os._exit, 0)\n",
    {
      outcome: "failed",
      cases: ["passed test_a", "failed test_h", "passed test_z"],
    },
  ),
  python("has pytest end well", amid("import pytest\npytest.exit('enough', returncode=0)"), {
    outcome: "error",
    cases: BROKEN_OFF,
    says: /Exit: enough/,
  }),
  python("has pytest run nothing", A, {
    files: { "conftest.py": "def pytest_runtestloop(session): return True\n" },
    outcome: "crashed",
    cases: ["not_run test_a"],
  } as Omit<TestRun, "behaviour" | "language" | "code">),
  python("has pytest end well after a failure", "def test_a(): assert 0\n", {
    files: { "conftest.py": "def pytest_sessionfinish(session): session.exitstatus = 0\n" },
    outcome: "failed",
    cases: ["failed test_a"],
  } as Omit<TestRun, "behaviour" | "language" | "code">),
  python(
    "leaves a process that ends the tests well",
    amid(
      "if os.fork() == 0:\n    os.setsid()\n    os.write(1, b'1 passed')\n    os._exit(0)\nassert 0",
    ),
    { outcome: "failed", cases: ["passed test_a", "failed test_h", "passed test_z"] },
  ),
  python("closes all descriptors", amid("os.closerange(3, 1000)"), {
    outcome: "crashed",
    cases: BROKEN_OFF,
  }),
];
