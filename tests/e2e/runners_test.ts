import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { stageFolders } from "../fixtures/containers.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { killProcess } from "../fixtures/kill.ts";
import { bash, listProcesses } from "../fixtures/processes.ts";
import { type Settings, startService, temporaryFolder } from "../fixtures/service.ts";

/** A test of the whole service with a runtime, ignored by name where the machine has none. */
async function testWith(program: string, name: string, fn: () => Promise<void>): Promise<void> {
  const found = await areInstalled(program);
  Deno.test({ name: `${name} (needs ${program}) [S16]`, ignore: !found, fn });
}

const CASES: readonly (readonly [program: string, settings: Settings, runner: string])[] = [
  ["bwrap", { SANDBOX_RUNNER: "bubblewrap" }, "bubblewrap"],
  ["crun", { SANDBOX_RUNNER: "oci", OCI_RUNTIME: "crun" }, "oci"],
  ["runc", { SANDBOX_RUNNER: "oci", OCI_RUNTIME: "runc" }, "oci"],
];

for (const [program, settings, runner] of CASES) {
  await testWith(program, `a service with ${JSON.stringify(settings)} says so`, async () => {
    await using service = await startService({ ...settings, LOG_FORMAT: "json" });
    assert.match(service.output, new RegExp(`^Sandbox '${runner}' holds: .*seccomp`, "m"));
    for (const [language, code] of [["python", "print(1)"], ["bash", "echo 1"]] as const) {
      const { status, json } = await service.execute({ language, code });
      assert.deepEqual([status, json.stdout], [200, "1\n"]);
      assert.equal((json.isolation as { readonly runner: string }).runner, runner);
    }
    const started = /.*"event":"fork_server_started".*/.exec(service.log)?.[0] ?? "";
    assert.match(started, new RegExp(`"starters":\\["[^"]*/${program}"\\]`));
    const pids = (await service.forkServer()).map(({ pid }) => pid);
    assert.equal((await stageFolders(...pids)).length, 1);
    assert.equal(await service.stop(), 0);
    assert.deepEqual(await stageFolders(...pids), []);
  });
}

await testWith("crun", "a service that is killed leaves no container", async () => {
  await using service = await startService({ SANDBOX_RUNNER: "oci", OCI_RUNTIME: "crun" });
  const pids = (await service.forkServer()).map(({ pid }) => pid);
  const mark = `86399.${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const lost = assert.rejects(service.execute({ language: "bash", code: `sleep ${mark}` }));
  const sleeps = async () =>
    (await listProcesses()).some(({ command, dead }) => !dead && command === `sleep ${mark}`);
  await eventually("the program", async () => await sleeps() ? true : null);
  await killProcess(service.pid);
  await lost;
  await eventually("the end of what it was made of", async () => {
    return (await stageFolders(...pids)).length === 0 ? true : null;
  });
  await eventually("the program's end", async () => await sleeps() ? null : true);
});

await testWith(
  "crun",
  "runs see the root file system that OCI_ROOTFS names, and no other",
  async () => {
    await using folder = await temporaryFolder();
    const made = new URL("../fixtures/root_file_system.sh", import.meta.url).pathname;
    await bash(made, `${folder.path}/root`);
    await Deno.chmod(folder.path, 0o755);
    const settings = {
      SANDBOX_RUNNER: "oci",
      OCI_RUNTIME: "crun",
      OCI_ROOTFS: `${folder.path}/root`,
    };
    await using service = await startService(settings);
    const look = `
import os, sys
for path in ("/usr/share/own/mark", "/etc/own/mark", "/opt/own/mark"):
    print(open(path).read().strip())
print(sys.executable, os.path.exists("/usr/bin/env"), os.path.exists("/etc/own/secret"))
print(open("/etc/passwd").readline().strip(), sorted(os.listdir("/")))
try:
    open("/usr/share/own/mark", "w")
except OSError as error:
    print(error.errno)
`;
    const { status, text, json } = await service.execute({ code: look });
    assert.equal(status, 200, `${text}\n${service.output}\n${service.log}`);
    assert.equal(
      json.stdout,
      "mark\nmark\nmark\n/usr/bin/python3 False False\nroot:x:0:0::/:/usr/sbin/nologin " +
        "['bin', 'dev', 'etc', 'lib', 'lib64', 'opt', 'proc', 'tmp', 'usr']\n30\n",
      text,
    );
    const shell = await service.execute({ language: "bash", code: "echo $((6 * 7))" });
    assert.equal(shell.json.stdout, "42\n");
  },
);
