import assert from "node:assert/strict";
import { Link } from "./link.ts";

const POOL = {
  size: 1,
  acquisitionSeconds: 1,
  lifetimeSeconds: 60,
  keepAliveSeconds: 30,
  connectSeconds: 1,
};

for (const name of ["graph", "records"] as const) {
  Deno.test(`Link calls what is away by the name of what it holds: ${name} [S4, B2]`, async () => {
    const lines: string[] = [];
    await using link = new Link({
      ...{
        uri: `bolt://127.0.0.1:${portOfNobody()}`,
        user: "neo4j",
        password: "x",
        database: "neo4j",
      },
      ...{ pool: POOL, retrySeconds: 0 },
      log: {
        write: (_level, event, fields = {}) => void lines.push(`${event}: ${fields.reason}`),
      },
      clock: { now: () => Date.now(), monotonic: () => performance.now() },
    }, name);
    await assert.rejects(link.ping(), new RegExp(`^DomainError: Cannot reach ${name}: `));
    assert.deepEqual(lines, [
      `${name}_connections_dropped: Cannot reach ${name}: it cannot be reached.`,
    ]);
  });
}

function portOfNobody(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
