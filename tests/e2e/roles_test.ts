import assert from "node:assert/strict";
import { type StartedService, startService, temporaryFolder } from "../fixtures/service.ts";

function storeRoles(service: StartedService, user: string, roles: readonly string[]) {
  const path = `/api/v1/users/${encodeURIComponent(user)}/roles`;
  const headers = { "content-type": "application/json" };
  return service.send(path, { method: "PUT", body: JSON.stringify({ roles }) }, { headers });
}

Deno.test("stored roles count at once, for HTTP and after a kill -9 too [S29]", async () => {
  await using folder = await temporaryFolder();
  const settings = { DATA_DIR: folder.path };
  let token = "";
  {
    await using service = await startService(settings);
    token = await service.tokenFor("vera/é", "viewer");
    const run = async () => (await service.execute({ code: "print(1)" }, { token })).status;
    assert.equal(await run(), 403);
    assert.equal((await storeRoles(service, "vera/é", ["developer"])).status, 200);
    assert.equal(await run(), 200);
    assert.equal((await storeRoles(service, "vera/é", [])).status, 200);
    assert.equal(await run(), 403);
    await service.kill();
  }
  await using again = await startService(settings);
  const { json } = await again.get("/api/v1/users/vera%2F%C3%A9/roles", { token });
  assert.deepEqual(json, { user_id: "vera/é", roles: [], source: "stored" });
});
