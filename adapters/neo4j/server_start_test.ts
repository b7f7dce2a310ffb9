import assert from "node:assert/strict";
import { ServerStart } from "./server_start.ts";

/** What the driver throws, by its shape. */
function fault(code: string): Error {
  return Object.assign(new Error("no"), { code });
}

/** A server's start as it is asked for, and what was logged of that. */
function scripted(ask: () => Promise<string>) {
  const seen = { connections: 1, asked: 0, lines: [] as string[] };
  const start = new ServerStart({
    ask: () => {
      seen.asked += 1;
      return ask();
    },
    connections: () => seen.connections,
    log: { write: (_level, event) => void seen.lines.push(event) },
  });
  return { start, seen };
}

Deno.test("ServerStart asks again once a connection has been made, and not before [S12]", async () => {
  let now = "1";
  const { start, seen } = scripted(() => Promise.resolve(now));
  assert.deepEqual([await start.current(), await start.current(), seen.asked], ["1", "1", 1]);
  now = "2";
  assert.equal(await start.current(), "1");
  seen.connections += 1;
  assert.deepEqual([await start.current(), await start.current(), seen.asked], ["2", "2", 2]);
});

Deno.test("ServerStart asks again where asking itself has made a connection [S12]", async () => {
  const { start, seen } = scripted(() => {
    if (seen.connections < 3) seen.connections += 1;
    return Promise.resolve(`${seen.connections}`);
  });
  const told = [await start.current(), await start.current(), await start.current()];
  assert.deepEqual([told, seen.asked], [["2", "3", "3"], 3]);
});

for (
  const code of [
    "Neo.ClientError.Procedure.ProcedureNotFound",
    "Neo.ClientError.Security.Forbidden",
    "Neo.ClientError.Statement.SyntaxError",
  ]
) {
  Deno.test(`ServerStart does without a server that does not tell, and says so once: ${code} [S12]`, async () => {
    const { start, seen } = scripted(() => Promise.reject(fault(code)));
    assert.equal(await start.current(), "");
    seen.connections += 1;
    assert.equal(await start.current(), "");
    assert.deepEqual(seen.lines, ["graph_start_unknown"]);
  });
}

for (const code of ["ServiceUnavailable", "Neo.ClientError.Security.Unauthorized"]) {
  Deno.test(`ServerStart takes a server that cannot be asked for one that is away: ${code} [S12]`, async () => {
    const { start, seen } = scripted(() => Promise.reject(fault(code)));
    await assert.rejects(start.current(), /^DomainError: Cannot reach graph: /);
    assert.deepEqual(seen.lines, []);
  });
}
