import assert from "node:assert/strict";
import { containersHere, openContainers, openContainersAsOrdinaryUser } from "../fixtures/containers.ts";
import { holdsAll } from "../fixtures/containment.ts";

for (const container of await containersHere()) {
  const { program } = container;

  Deno.test(`no attack gets through containers by ${program} [S15, S16]`, async (t) => {
    assert.deepEqual(await holdsAll(t, () => openContainers(container)), []);
  });

  Deno.test(`no attack gets through an ordinary user's containers by ${program} [S15, S16]`, async (t) => {
    // Such a user may be unable to read the Deno that runs the tests.
    const skipped = await holdsAll(t, () => openContainersAsOrdinaryUser(container));
    assert.deepEqual(skipped.filter(({ language }) => language !== "javascript"), []);
  });
}
