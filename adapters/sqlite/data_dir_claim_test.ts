import assert from "node:assert/strict";
import { claimDataDir, isClaimed } from "./data_dir_claim.ts";

Deno.test("claimDataDir() is seen while it stands and no longer", async () => {
  const path = await Deno.makeTempDir({ dir: "/tmp", prefix: "claim-" });
  try {
    assert.equal(await isClaimed(`${path}/absent`), false);
    assert.equal(await isClaimed(path), false);
    const claim = await claimDataDir(path);
    assert.equal(await isClaimed(path), true);
    let second = false;
    const next = claimDataDir(path).then((claim) => {
      second = true;
      return claim;
    });
    assert.equal(await isClaimed(path), true);
    assert.equal(second, false);
    claim[Symbol.dispose]();
    using _claim = await next;
    assert.equal(await isClaimed(path), true);
    _claim[Symbol.dispose]();
    assert.equal(await isClaimed(path), false);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});
