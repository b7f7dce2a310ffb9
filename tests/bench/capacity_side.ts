/**
 * `capacity_side.ts KIND REQUESTS`: a fresh service with its own stores. Prints a line when warm, waits for
 * one, sends the requests over eight connections, prints how many bytes its data directory has grown by.
 */

import { DatabaseSync } from "node:sqlite";
import { startService, UNLIMITED } from "../fixtures/service.ts";
import { bash } from "../fixtures/processes.ts";
import { type CapacityKind, capacityRequest, node, NODES } from "./capacity_requests.ts";
import { LeanConnection, requestBytes } from "./lean_connection.ts";

const CONNECTIONS = 8;
/** Before that many, much of what is measured is V8 compiling. */
const WARM_UP = 500;
const PAGES = "SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size";
const [kind = "", requests] = Deno.args;

await using service = await startService({ ...UNLIMITED, LOG_FORMAT: "json" });
const stored = await prepare();
let sent = 0;

/** A graph, and a run whose record can be read; the path of that. */
async function prepare(): Promise<string> {
  const nodes = Array.from({ length: NODES }, (_, at) => node(at));
  const written = await service.post("/api/v1/graph_upsert", { nodes });
  const { json } = await service.execute({ code: "print(1)" });
  if (written.status !== 200) throw new Error(written.text);
  return `/api/v1/executions/${json.id}`;
}

async function work(count: number): Promise<void> {
  const last = sent + count;
  await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
    using connection = await LeanConnection.to(new URL(service.url));
    while (sent < last) {
      const { path, body } = capacityRequest(kind as CapacityKind, sent++, stored);
      const text = body === null ? null : JSON.stringify(body);
      const request = requestBytes(new URL(path, service.url), service.token, text);
      const answer = await connection.exchange(request);
      if (answer.status !== 200) throw new Error(answer.body);
    }
  }));
}

/** What the records and the graph take, before any log of theirs is folded in. */
async function bytesKept(): Promise<number> {
  using records = new DatabaseSync(`${service.dataDir}/records.sqlite`, { readOnly: true });
  const { bytes } = records.prepare(PAGES).get() ?? {};
  const graph = await bash("-c", 'du -sb "$0" | cut -f 1', `${service.dataDir}/graph`);
  return Number(bytes) + Number(graph.trim());
}

async function say(text: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${text}\n`));
}

const input = Deno.stdin.readable.getReader();
await work(WARM_UP);
const before = await bytesKept();
await say("warm");
await input.read();
await work(Number(requests));
await say(String(await bytesKept() - before));
while (!(await input.read()).done);
