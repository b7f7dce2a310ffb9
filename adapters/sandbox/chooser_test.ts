import assert from "node:assert/strict";
import { PROGRAMS, run } from "../../tests/contracts/execution_runner.ts";
import { FORK_SERVER_OPTIONS } from "../../tests/fixtures/fork_server.ts";
import { areInstalled } from "../../tests/fixtures/installed.ts";
import { evaluate } from "../../tests/fixtures/python_modules.ts";
import { openChosen, type RunnerChoice } from "./chooser.ts";
import type { ForkServerOptions } from "./fork_server/runner.ts";
import { refusalOf } from "./refusal.ts";

const SEARCH = { PATH: "/usr/local/bin:/usr/bin:/usr/sbin:/bin" };
const HOST = { isNamed: false, runtimes: ["crun", "runc"], rootfs: null };
const CRUN = { isNamed: true, runtimes: ["crun"], rootfs: null };
/** The canary finds a fork server without a filter out; containers install one of their own. */
const REFUSED = { trial: { without: ["seccomp"] } };

function open(choice: Partial<RunnerChoice>, changes: Partial<ForkServerOptions> = {}) {
  const options = { ...FORK_SERVER_OPTIONS, environment: SEARCH, ...changes };
  return openChosen(options, { runner: "auto", oci: HOST, ...choice });
}

async function testWith(program: string, name: string, fn: () => Promise<void>): Promise<void> {
  const found = await areInstalled(program);
  Deno.test({ name: found ? name : `${name}: ${program} is not installed`, ignore: !found, fn });
}

Deno.test("openChosen() takes the fork server first [S16]", async () => {
  await using runner = await open({});
  assert.deepEqual([runner.status().runner, runner.status().ready], ["fork-server", true]);
});

await testWith(
  "bwrap",
  "openChosen() takes bubblewrap where the fork server's walls do not hold [S16]",
  async () => {
    const refused: unknown[] = [];
    const write = (level: string, event: string, fields: Readonly<Record<string, unknown>> = {}) =>
      void (level === "error" && refused.push([event, fields["runner"]]));
    await using runner = await open({}, { ...REFUSED, log: { write } });
    assert.deepEqual([runner.status().runner, runner.status().refusal], ["bubblewrap", null]);
    assert.equal((await run(runner, PROGRAMS.prints)).isolation.runner, "bubblewrap");
    assert.deepEqual(refused, [["sandbox_refused", "fork-server"]]);
  },
);

await testWith(
  "crun",
  "openChosen() takes the OCI runtime that is named where nothing else stands [S16]",
  async () => {
    // A search path without bwrap; the runtime is named by its file.
    const oci = { ...CRUN, runtimes: ["/usr/bin/crun"] };
    const environment = { PATH: "/nowhere" };
    await using runner = await open({ oci }, { ...REFUSED, environment });
    assert.equal(runner.status().runner, "oci");
    assert.equal((await run(runner, PROGRAMS.prints)).stdout, "1\n");
  },
);

Deno.test("openChosen() tells of all that it tried where none stands [S16]", async () => {
  const environment = { PATH: "/nowhere" };
  await using runner = await open({ oci: CRUN }, { ...REFUSED, environment });
  const { ready, refusal } = runner.status();
  assert.equal(ready, false);
  assert.match(refusal?.reason ?? "", /walls did not hold on this host: seccomp\b/);
  assert.match(
    refusal?.reason ?? "",
    /bubblewrap: no container runtime: bwrap is not on PATH\. Install/,
  );
  assert.match(refusal?.reason ?? "", /oci: no container runtime: crun is not on PATH\. Install/);
  await assert.rejects(run(runner, PROGRAMS.prints), /bwrap is not on PATH/);
});

Deno.test("openChosen() tries nothing but what is named [S16]", async () => {
  const environment = { PATH: "/nowhere" };
  for (const name of ["bubblewrap", "oci"] as const) {
    await using runner = await open({ runner: name, oci: CRUN }, { environment });
    assert.deepEqual([runner.status().runner, runner.status().ready], [name, false]);
    assert.match(runner.status().refusal?.reason ?? "", /no container runtime/);
  }
  await using runner = await open({ runner: "fork-server" }, REFUSED);
  assert.deepEqual([runner.status().runner, runner.status().ready], ["fork-server", false]);
  assert.doesNotMatch(runner.status().refusal?.reason ?? "", /bubblewrap/);
});

Deno.test("a runtime that hands on no descriptors, such as gVisor's, is refused for that [S16]", async () => {
  // What runsc of December 2022 says.
  const said = "flag provided but not defined: -no-new-keyring\\nrun [flags] <container id>";
  const reason = await evaluate(`
import json, launcher
print(json.dumps(launcher.why_not("/usr/bin/runsc", "${said}")))`);
  assert.match(String(reason), /runsc hands containers no descriptors/);
  assert.match(refusalOf(new Error(String(reason))).remedy, /crun or runc/);
});
