import assert from "node:assert/strict";
import { executionFilesContract } from "../contracts/execution_files.ts";
import { executionSandboxContract } from "../contracts/execution_sandbox.ts";
import { executionStreamsContract } from "../contracts/execution_streams.ts";
import {
  containersHere,
  openContainers,
  openContainersAsOrdinaryUser,
} from "../fixtures/containers.ts";
import { holdsAll } from "../fixtures/containment.ts";

// What the quick tests try in part.
for (const container of await containersHere()) {
  const { program } = container;
  if (program === "runc") {
    executionSandboxContract(`containers by ${program}`, () => openContainers(container));

    Deno.test(`no attack at all gets through containers by ${program} [S15, S16]`, async (t) => {
      assert.deepEqual(await holdsAll(t, () => openContainers(container)), []);
    });
  }

  if (program !== "runc") {
    const openAsUser = () => openContainersAsOrdinaryUser(container);
    executionStreamsContract(`an ordinary user's containers by ${program}`, openAsUser);
    executionFilesContract(`an ordinary user's containers by ${program}`, openAsUser);
  }

  Deno.test(`no attack at all gets through an ordinary user's containers by ${program} [S15, S16]`, async (t) => {
    // Such a user may be unable to read the Deno that runs the tests.
    const skipped = await holdsAll(t, () => openContainersAsOrdinaryUser(container));
    assert.deepEqual(skipped.filter(({ language }) => language !== "javascript"), []);
  });
}
