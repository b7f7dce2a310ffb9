import { ProtocolError } from "@modelcontextprotocol/client";
import assert from "node:assert/strict";
import { sampleRecord } from "../contracts/execution_records.ts";
import { type Era, ERAS, ServedSurface } from "../fakes/served_surface.ts";
import { CALLERS } from "./access_table.ts";

const RUN = "00000000-0000-4000-8000-000000000001";
const BASE = "ultimate-mcp://";

/** What a viewer, a developer, an admin and another developer are to be told of a resource. */
type Told = readonly [viewer: boolean, dan: boolean, admin: boolean, other: boolean];

const ANYBODY: Told = [true, true, true, true];
/** What is asked for is Dan's. */
const DANS: Told = [false, true, true, false];

/** A line for each resource and each template, and for no others: where it is read, and by whom. */
const RESOURCE_ACCESS: Readonly<Record<string, readonly [path: string, told: Told]>> = {
  "status": ["status", ANYBODY],
  "sandbox": ["sandbox", ANYBODY],
  "graph/schema": ["graph/schema", ANYBODY],
  "graph/metrics": ["graph/metrics", ANYBODY],
  "graph/labels/{label}": ["graph/labels/Person", ANYBODY],
  "executions/{id}": [`executions/${RUN}`, DANS],
  "executions/{id}/files/{+path}": [`executions/${RUN}/files/a.txt`, DANS],
};

/** Whether a caller is told what stands there; whom it is kept from is told that there is nothing. */
async function isTold(era: Era, token: string, path: string): Promise<boolean> {
  await using served = new ServedSurface();
  const { application } = served.surface;
  const files = [{ path: "a.txt", content: new Uint8Array([65]) }];
  application.records.set(RUN, sampleRecord({ id: RUN, owner: "dan", files }));
  const nodes = [{ key: "a", labels: ["Person"], properties: {} }];
  await application.upsertGraph({ nodes, relationships: [] }, {
    principal: { subject: "ada", roles: ["admin"] },
    correlationId: "access-test",
    signal: new AbortController().signal,
  });
  await using connected = await served.connect(era, token);
  try {
    const { contents } = await connected.client.readResource({ uri: BASE + path });
    assert.equal(contents.length, 1);
    return true;
  } catch (error) {
    assert.ok(error instanceof ProtocolError, String(error));
    assert.deepEqual([error.code, error.data], [-32602, { uri: BASE + path }]);
    return false;
  }
}

for (const era of ERAS) {
  Deno.test(`every MCP resource lets in whom it should, and each has its line, for ${era.name} [S29, S22]`, async () => {
    await using served = new ServedSurface();
    await using connected = await served.connect(era);
    const { resources } = await connected.client.listResources();
    const { resourceTemplates } = await connected.client.listResourceTemplates();
    const offered = [
      ...resources.map(({ uri }) => uri),
      ...resourceTemplates.map(({ uriTemplate }) => uriTemplate),
    ];
    assert.deepEqual(offered, Object.keys(RESOURCE_ACCESS).map((path) => BASE + path));
    for (const [path, expected] of Object.values(RESOURCE_ACCESS)) {
      const found: boolean[] = [];
      for (const { token } of CALLERS) {
        if (token !== null) found.push(await isTold(era, token, path));
      }
      assert.deepEqual(found, expected, path);
    }
  });
}
