import assert from "node:assert/strict";
import { run } from "../contracts/execution_runner.ts";
import { openForkServer } from "../fixtures/fork_server.ts";
import { programOf } from "../fixtures/programs.ts";

const TABLE = new URL(
  "../../adapters/sandbox/fork_server/python/syscall_table.py",
  import.meta.url,
);
const [EPERM, ENOSYS] = [1, 38];

/** Numbers that no kernel gives a meaning to, or that are left to none: not one may do anything. */
const UNKNOWN = { clone3: 435, landlock: 444, "future call": 600, "x32 write": 0x40000001 };

/** The rows of one part of the table, by name. */
async function rowsOf(part: string): Promise<Record<string, number>> {
  const source = await Deno.readTextFile(TABLE);
  const text = new RegExp(`^${part} = """([^"]*)"""`, "m").exec(source)?.[1] ?? "";
  return Object.fromEntries(
    [...text.matchAll(/(\w+)=(\d+)/g)].map(([, name = "", number]) => [name, Number(number)]),
  );
}

/** Makes each call with arguments of zero and prints its number with the error it got. */
function callsOf(numbers: readonly number[]): string {
  return [
    "import ctypes",
    "libc = ctypes.CDLL(None, use_errno=True)",
    `for number in ${JSON.stringify(numbers)}:`,
    "    result = libc.syscall(ctypes.c_long(number), 0, 0, 0, 0, 0, 0)",
    "    print(number, ctypes.get_errno() if result == -1 else 0, flush=True)",
  ].join("\n");
}

async function errorsOf(rows: Record<string, number>): Promise<Map<number, number>> {
  await using runner = await openForkServer();
  const { stdout, stderr } = await run(runner, programOf("python", callsOf(Object.values(rows))));
  assert.equal(stderr, "");
  const lines = stdout.trim().split("\n").map((line) => line.split(" ").map(Number));
  return new Map(lines.map(([number = 0, error = 0]) => [number, error]));
}

async function eachAnswers(
  t: Deno.TestContext,
  rows: Record<string, number>,
  expected: number,
): Promise<void> {
  const errors = await errorsOf(rows);
  for (const [name, number] of Object.entries(rows)) {
    await t.step(name, () => assert.equal(errors.get(number), expected));
  }
}

Deno.test("each refused system call answers EPERM inside a run [S15]", async (t) => {
  const rows = await rowsOf("REFUSED");
  assert.ok(Object.keys(rows).length > 80);
  await eachAnswers(t, rows, EPERM);
});

Deno.test("each unknown system call answers ENOSYS inside a run [S15]", async (t) => {
  await eachAnswers(t, UNKNOWN, ENOSYS);
});

Deno.test("no number stands twice in the table of system calls [S15]", async () => {
  const parts = await Promise.all(["ALLOWED", "REFUSED", "INSPECTED"].map(rowsOf));
  const numbers = parts.flatMap((rows) => Object.values(rows));
  assert.equal(new Set(numbers).size, numbers.length);
});
