import assert from "node:assert/strict";
import {
  executionRunnerContract,
  PROGRAMS,
  run,
} from "../../../tests/contracts/execution_runner.ts";
import { executionFilesContract } from "../../../tests/contracts/execution_files.ts";
import { executionSandboxContract } from "../../../tests/contracts/execution_sandbox.ts";
import { executionStreamsContract } from "../../../tests/contracts/execution_streams.ts";
import {
  CONTAINERS,
  containersHere,
  openContainers,
  openContainersAsOrdinaryUser,
} from "../../../tests/fixtures/containers.ts";

const HERE = await containersHere();

// Said by name on a machine without it; CI installs all of them, and counts an ignored test as failed.
for (const { program } of CONTAINERS.filter((container) => !HERE.includes(container))) {
  Deno.test({ name: `${program} is not installed [S16]`, ignore: true, fn() {} });
}

for (const container of HERE) {
  const { program } = container;
  executionRunnerContract(`containers by ${program}`, () => openContainers(container));
  executionRunnerContract(
    `an ordinary user's containers by ${program}`,
    () => openContainersAsOrdinaryUser(container),
  );
  // What differs between two OCI runtimes is how a container begins; one is enough for the rest.
  if (program !== "runc") {
    executionSandboxContract(`containers by ${program}`, () => openContainers(container));
    executionStreamsContract(`containers by ${program}`, () => openContainers(container));
    executionFilesContract(`containers by ${program}`, () => openContainers(container));
  }

  Deno.test(`containers by ${program}: the receipt names the runner and what stands [S16]`, async () => {
    await using runner = await openContainers(container);
    const { runner: name, layers, missing } = (await run(runner, PROGRAMS.prints)).isolation;
    assert.equal(name, container.kind);
    for (const layer of ["user-ns", "pid-ns", "net-ns", "seccomp", "tree-accounting"]) {
      assert.ok(layers.includes(layer), layer);
    }
    assert.notEqual(layers.includes("unique-uid"), missing.includes("unique-uid"));
    await using user = await openContainersAsOrdinaryUser(container);
    const { isolation } = await run(user, PROGRAMS.prints);
    assert.ok(isolation.missing.includes("unique-uid"));
  });
}

Deno.test("containers: a host path that only root can reach is shown all the same [S16]", async () => {
  const container = HERE[0];
  if (container === undefined) return;
  await using runner = await openContainers(container);
  const { unavailableLanguages, missing } = runner.status();
  if (missing.includes("unique-uid")) return;
  assert.deepEqual(unavailableLanguages, {});
});
