import assert from "node:assert/strict";
import { run } from "../contracts/execution_runner.ts";
import { openForkServer } from "../fixtures/fork_server.ts";
import { programOf } from "../fixtures/programs.ts";
import { evaluate, runProbe } from "../fixtures/python_modules.ts";

const MEBIBYTE = 1024 * 1024;
const [BY_TIMEOUT, BY_MEMORY] = [1, 3];

/** What happens over a fake cgroupfs, by the scenario's name in cgroup_probe.py. */
function scenario(name: string): Promise<unknown> {
  return runProbe("walls/cgroup_probe.py", name);
}

Deno.test("delegation.own() finds this process's folder however cgroup v2 is mounted [S14]", async () => {
  assert.deepEqual(await scenario("finds"), {
    pure: ["/sys/fs/cgroup", "/sys/fs/cgroup/a/b"],
    hybrid: ["/sys/fs/cgroup/unified", "/sys/fs/cgroup/unified/a"],
    bound: ["/sys/fs/cgroup", "/sys/fs/cgroup"],
    old: null,
  });
});

Deno.test("delegation.home() takes what was given, and nothing that is only writable [S14]", async () => {
  assert.deepEqual(await scenario("homes"), {
    "nobody's": null,
    "above by user.delegate": "unit",
    "above by trusted.delegate": "unit",
    "own by user.delegate": "unit/leaf",
    "own by trusted.delegate": "unit/leaf",
    "without memory": null,
    "the whole tree's root": null,
    "all that is seen": ".",
  });
});

Deno.test("delegation.divide() moves its own processes aside, and nobody else's [S14]", async () => {
  assert.deepEqual(await scenario("occupied"), {
    refused: "Device or resource busy",
    left: "",
    leaf: ["5", "6"],
    controllers: "+memory +pids",
  });
});

Deno.test("Groups.settle() has the forkers in a leaf, and programs started by their uid [S14]", async () => {
  assert.deepEqual(await scenario("settles"), {
    settled: true,
    forkers: "41",
    controllers: "+memory +pids",
    below: ["forkers", "run-1"],
    owners: {
      "ultimate-mcp-7/cgroup.procs": 1_000_000,
      "ultimate-mcp-7/trial/cgroup.procs": 1_000_000,
      "ultimate-mcp-7/run-1/cgroup.procs": 1_000_000,
    },
  });
});

Deno.test("Groups.settle() refuses a kernel that lacks what it needs, but for swap [S14]", async () => {
  assert.deepEqual(await scenario("cannot_settle"), {
    "memory.max": false,
    "memory.peak": false,
    "memory.oom.group": false,
    "pids.max": false,
    "cgroup.kill": false,
    "memory.swap.max": true,
  });
});

Deno.test("Groups.take() sets a run's limits, all of the tree's [S14]", async () => {
  assert.deepEqual(await scenario("limits"), {
    "memory.max": String(64 * MEBIBYTE),
    "memory.oom.group": "1",
    "memory.swap.max": "0",
    "pids.max": "12",
    peak: 12345,
    "ran out": false,
  });
});

Deno.test("Groups.take() uses a clean group again and tells its runs apart [S14, S15]", async () => {
  assert.deepEqual(await scenario("reuse"), {
    "ran out": [true, false],
    same: [true, false],
    removed: true,
  });
});

Deno.test("Groups.take() makes each group anew where the kernel keeps its peak [S14]", async () => {
  assert.deepEqual(await scenario("old_kernel"), { same: false, removed: true });
});

Deno.test("Groups.release() ends whoever is left, and uses the group once they are gone [S15]", async () => {
  assert.deepEqual(await scenario("still_populated"), {
    killed: "1",
    waits: true,
    "comes back": true,
  });
});

Deno.test("Groups.close() and sweep() leave only what the living use [S15]", async () => {
  assert.deepEqual(await scenario("leaves_nothing"), [
    "ultimate-mcp-living",
    "ultimate-mcp-service",
  ]);
});

Deno.test("Run.accounted() tells the tree's own peak, and that memory ended it [S14]", async () => {
  assert.deepEqual(await scenario("answer"), {
    kept: [0, 0, 9, 1, 1, 777, 0],
    ended: BY_MEMORY,
    late: BY_TIMEOUT,
    polled: null,
    max: String(32 * MEBIBYTE),
  });
});

const placed = await runProbe("walls/placement_probe.py");

Deno.test({
  name: "kernel.fork_into() starts a process inside a cgroup of this machine [S14]",
  // Whose cgroups are nobody's to make has none to try it in.
  ignore: placed === null,
  fn: () => assert.deepEqual(placed, { inside: true, "knows itself": true }),
});

Deno.test("Slot.fill_cgroup() says where the next program starts, and takes it back [S14]", async () => {
  const words = await evaluate(`
import json, kernel, seccomp, slots
slot = slots.Slot(seccomp.Filter.build(), True, 0, 0)
words = []
for cgroup in (None, 9, None):
    slot.fill_cgroup(cgroup)
    fields = slots.CLONE_ARGUMENTS.unpack_from(slot.memory, slot.place(slot.program_clone))
    words.append([bool(fields[0] & kernel.INTO_CGROUP), fields[10]])
print(json.dumps(words))`);
  assert.deepEqual(words, [[false, 0], [true, 9], [false, 0]]);
});

Deno.test("ForkServerRunner: an answer says whether the kernel held its memory [S14, S15]", async () => {
  await using runner = await openForkServer();
  const { isolation } = await run(runner, programOf("python", "print(1)"));
  const [stands, lacks] = [isolation.layers, isolation.missing].map((names) =>
    names.includes("cgroup-memory")
  );
  assert.notEqual(stands, lacks);
});
