import assert from "node:assert/strict";
import { PROGRAMS, run } from "../contracts/execution_runner.ts";
import { containersHere, openContainers } from "../fixtures/containers.ts";
import { eventually } from "../fixtures/eventually.ts";
import { killProcess } from "../fixtures/kill.ts";
import { bash, descendantsOf } from "../fixtures/processes.ts";
import { programOf } from "../fixtures/programs.ts";

const HERE = await containersHere();
const CRUN = HERE.find(({ program }) => program === "crun");

/** A crun that removes a container no sooner than it is let, or after twenty seconds. */
const SLOW = `#!/bin/bash
if [[ " $* " == *" delete "* ]]; then
  touch "\${0%/*}/begun"
  until [[ -e "\${0%/*}/let" || $SECONDS -gt 20 ]]; do sleep 0.05; done
  touch "\${0%/*}/ended"
fi
exec crun "$@"
`;

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

Deno.test({
  name:
    "containers by crun: no run waits for what another's runtime has left to be removed [S15, S16]",
  ignore: CRUN === undefined,
  async fn() {
    const folder = await Deno.makeTempDir({ dir: "/tmp", prefix: "ultimate-mcp-slow-" });
    try {
      await Deno.writeTextFile(`${folder}/crun-slow`, SLOW, { mode: 0o755 });
      await using runner = await openContainers({ kind: "oci", program: "crun" }, {
        container: { kind: "oci", runtimes: [`${folder}/crun-slow`] },
      });
      assert.equal((await run(runner, PROGRAMS.prints)).stdout, "1\n");
      const broker = runner.pid;
      const sleeping = run(runner, programOf("bash", "sleep 3")).catch(() => {});
      const { pid } = await eventually("the runtime of a run", async () => {
        const below = await descendantsOf(runner.pid ?? 0);
        return below.find(({ command }) => /\bcrun\b.* run /.test(command)) ?? null;
      });
      await eventually("its container", async () => {
        const state = 'ls "$(echo /proc/$1/root/tmp/ultimate-mcp-containers-*/state | head -1)"';
        return (await bash("-c", `${state} 2>/dev/null || :`, "-", String(pid))) !== "" || null;
      });
      await killProcess(pid);
      await eventually("its removal", async () => await exists(`${folder}/begun`) || null);
      assert.equal((await run(runner, PROGRAMS.prints)).stdout, "1\n");
      // By the same server, which a run that has to wait for too long is taken from.
      assert.deepEqual([await exists(`${folder}/ended`), runner.pid], [false, broker]);
      await Deno.writeTextFile(`${folder}/let`, "");
      await sleeping;
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

for (const container of HERE) {
  Deno.test(`containers by ${container.program}: what each is handed of ours, none can change [S15, S16]`, async () => {
    await using runner = await openContainers(container);
    const [launcher] = await descendantsOf(runner.pid ?? 0);
    const code = "import fcntl, os, sys\n" +
      "for name in os.listdir(sys.argv[1]):\n" +
      "    path = f'{sys.argv[1]}/{name}'\n" +
      "    if os.readlink(path).startswith('/memfd:'):\n" +
      "        with open(path, 'rb') as file:\n" +
      "            print(os.readlink(path)[7:].split()[0], fcntl.fcntl(file, 1034))";
    const command = new Deno.Command("/usr/bin/python3", {
      args: ["-I", "-S", "-c", code, `/proc/${launcher?.pid}/fd`],
    });
    const found = new TextDecoder().decode((await command.output()).stdout).trim().split("\n");
    // Seals: no further seal, no shrinking, no growing, no writing.
    assert.deepEqual(found.toSorted(), ["modules 15", "nothing 15"]);
  });
}
