import { seededChance } from "../fixtures/seeded_chance.ts";
import { requestBytes } from "./lean_connection.ts";

const NODES = 1000;
const NEIGHBOURS = 2;
const BATCH = 10;
const READ = "MATCH (n:Person {key: $key}) RETURN n.name AS name, n.age AS age";
const NEIGHBOURHOOD =
  "MATCH (n:Person {key: $key})-[r:KNOWS]->(m) RETURN m.key AS key, r.since AS since";

/** What a service is asked for, and a share of the mix in twentieths. */
const SHARES = [
  ["read", 13],
  ["neighbourhood", 1],
  ["upsert", 4],
  ["batch", 1],
  ["metrics", 1],
] as const;

/** A kind of request. */
export type Kind = (typeof SHARES)[number][0];

/** A request of the mix. */
export interface MixedRequest {
  readonly kind: Kind;
  readonly bytes: Uint8Array;
}

/** All that the mix reads: 1,000 nodes and 2,000 relationships, as a batch. */
export function mixedGraph(): unknown {
  const keys = Array.from({ length: NODES }, (_, at) => at);
  return {
    nodes: keys.map((at) => person(at, 0)),
    relationships: keys.flatMap((at) =>
      Array.from({ length: NEIGHBOURS }, (_, to) => knows(at, at + to + 1))
    ),
  };
}

/**
 * Requests without end: 13 reads by key, a neighbourhood, 4 upserts of a node, a batch of ten and the
 * metrics of each 20, in an order and of nodes that chance has drawn, the same each time.
 * Each is by one of the users that the tokens are of.
 */
export function* mixedRequests(
  service: string,
  tokens: readonly string[],
): Generator<MixedRequest> {
  const chance = seededChance(1);
  const drawn = (below: number) => Math.floor(chance() * below);
  const all = SHARES.flatMap(([kind, share]) => Array<Kind>(share).fill(kind));
  const url = (path: string) => new URL(`/api/v1/${path}`, service);
  const paths = {
    read: url("graph_query"),
    upsert: url("graph_upsert"),
    metrics: url("graph/metrics"),
  };
  for (;;) {
    const kind = all[drawn(all.length)] ?? "read";
    const key = drawn(NODES);
    const at = kind === "metrics" ? paths.metrics : isWrite(kind) ? paths.upsert : paths.read;
    const body = kind === "metrics" ? null : JSON.stringify(bodyOf(kind, key, drawn(80)));
    const token = tokens[drawn(tokens.length)] ?? "";
    yield { kind, bytes: requestBytes(at, token, body) };
  }
}

function isWrite(kind: Kind): boolean {
  return kind === "upsert" || kind === "batch";
}

function bodyOf(kind: Kind, key: number, age: number): unknown {
  const cypher = kind === "read" ? READ : NEIGHBOURHOOD;
  if (!isWrite(kind)) return { cypher, parameters: { key: keyOf(key) } };
  if (kind === "upsert") return { nodes: [person(key, age)], relationships: [] };
  const some = Array.from({ length: BATCH }, (_, at) => key + at);
  return {
    nodes: some.map((at) => person(at, age)),
    relationships: some.slice(1).map((at) => knows(at - 1, at)),
  };
}

function keyOf(at: number): string {
  return `person${at % NODES}`;
}

function person(at: number, age: number) {
  return { key: keyOf(at), labels: ["Person"], properties: { name: `Person ${at}`, age } };
}

function knows(from: number, to: number) {
  const properties = { since: 2020 };
  return { start: keyOf(from), end: keyOf(to), type: "KNOWS", properties };
}
