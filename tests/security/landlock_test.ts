import assert from "node:assert/strict";
import { run } from "../contracts/execution_runner.ts";
import { openForkServer } from "../fixtures/fork_server.ts";
import { programNamed, programOf } from "../fixtures/programs.ts";
import { evaluate, runProbe } from "../fixtures/python_modules.ts";

/** The kernel's own masks, as its documentation gives them: version → files, ports, scopes. */
const MASKS: readonly (readonly [version: number, files: number, ports: number, scopes: number])[] =
  [
    [1, 0x1fff, 0, 0],
    [2, 0x3fff, 0, 0],
    [3, 0x7fff, 0, 0],
    [4, 0x7fff, 3, 0],
    [5, 0xffff, 3, 0],
    [6, 0xffff, 3, 3],
    [7, 0xffff, 3, 3],
    // A version from after this was written is asked only for what was known then.
    [12, 0xffff, 3, 3],
  ];

const version = await evaluate("import landlock; print(landlock.version())") as number;

/** What a domain answers to each attempt, and the version from which it does; bare, all succeed. */
const REFUSALS: Readonly<Record<string, readonly [error: string, since: number]>> = {
  read: ["", 1],
  write: ["EACCES", 1],
  truncate: ["EACCES", 3],
  "make file": ["EACCES", 1],
  "make folder": ["EACCES", 1],
  rename: ["EACCES", 1],
  remove: ["EACCES", 1],
  "write device": ["", 1],
  "own files": ["", 1],
  bind: ["EACCES", 4],
  connect: ["EACCES", 4],
  "abstract socket": ["EPERM", 6],
  "signal parent": ["EPERM", 6],
  "signal child": ["", 1],
  "leaked folder": ["EACCES", 1],
};

Deno.test("landlock.ruleset() asks each version for what that version knows [S15]", async (t) => {
  for (const [version, ...masks] of MASKS) {
    await t.step(`version ${version}`, async () => {
      const asked = await evaluate(
        `import json, landlock, struct; print(json.dumps(struct.unpack("<3Q", landlock.ruleset(${version}))))`,
      );
      assert.deepEqual(asked, masks);
    });
  }
});

Deno.test("landlock.rule() gives no right that its version does not know [S15]", async () => {
  const rules = await evaluate(
    `import json, landlock, struct
print(json.dumps([[struct.unpack("<Qi", landlock.rule(folder, version, 7)) for folder in landlock.RULES]
    for version in (2, 5)]))`,
  );
  assert.deepEqual(rules, [
    [[0b1101, 7], [0b10, 7], [0x35bf, 7]],
    [[0b1101, 7], [0b10, 7], [0x75bf, 7]],
  ]);
});

Deno.test("landlock.flags() keeps denials out of the host's log from version 7 on [S15]", async () => {
  const flags = await evaluate("import landlock; print([landlock.flags(n) for n in (2, 6, 7, 9)])");
  assert.deepEqual(flags, [0, 0, 1, 1]);
});

Deno.test("steps.rows() has Landlock's rows only where there is a version [S15]", async () => {
  const added = await evaluate(
    `import json, steps
print(json.dumps([sorted(set(steps.names(executes, 7)) - set(steps.names(executes, 0))) for executes in (True, False)]))`,
  );
  const rows = ["find /", "find /dev", "find /tmp", "landlock"];
  const rights = ["rights in /", "rights in /dev", "rights in /tmp", "ruleset"];
  assert.deepEqual(added, [[...rows, ...rights], [...rows, ...rights]]);
});

Deno.test("namespaces.layers() counts landlock as missing on a kernel without it [S15]", async () => {
  const sides = await evaluate(
    `import json, namespaces
print(json.dumps([["landlock" in part({"privileged": True, "accounted": False, "landlock": version})
    for part in (namespaces.layers, namespaces.missing)] for version in (0, 2)]))`,
  );
  assert.deepEqual(sides, [[false, true], [true, false]]);
});

Deno.test({
  name: "landlock: a domain refuses what a bare process may do, and nothing of its own [S15]",
  ignore: version === 0,
  async fn(t) {
    const found = await runProbe("walls/landlock_probe.py") as Record<string, [string, string]>;
    for (const [attempt, [error, since]] of Object.entries(REFUSALS)) {
      const expected = version >= since ? error : "";
      await t.step(attempt, () => assert.deepEqual(found[attempt], ["", expected]));
    }
  },
});

for (const plain of [false, true]) {
  const way = plain ? "plainly" : "by tables";
  Deno.test({
    name: `landlock: a run started ${way} has it, with a receipt, and no descriptor of it [S15]`,
    ignore: version < 5,
    async fn() {
      await using runner = await openForkServer({ plain });
      const { stdout, isolation } = await run(runner, await programNamed("isolation/landlock.py"));
      assert.equal(stdout, "device EACCES\nnamed socket EACCES\n");
      assert.ok(isolation.layers.includes("landlock"));
      assert.equal(isolation.missing.includes("landlock"), false);
      const listing = "import os; print(*sorted(os.listdir('/proc/self/fd')))";
      assert.equal((await run(runner, programOf("python", listing))).stdout, "0 1 2 3\n");
      const bash = await run(runner, programOf("bash", "ls /proc/self/fd | sort -n | tail -1"));
      assert.ok(Number(bash.stdout) <= 4, bash.stdout);
    },
  });
}
