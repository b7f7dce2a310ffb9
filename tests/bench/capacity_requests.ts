/** Kinds of requests whose cost is told apart. */
export const CAPACITY_KINDS = [
  "status",
  "stored",
  "graph_read",
  "graph_cached",
  "graph_write",
  "template",
  "lint",
  "python",
  "bash",
  "javascript",
] as const;

/** One of {@link CAPACITY_KINDS}. */
export type CapacityKind = (typeof CAPACITY_KINDS)[number];

/** A request: its path, and its body unless it is a GET. */
export interface CapacityRequest {
  readonly path: string;
  readonly body: object | null;
}

/** Nodes that are there before anything is measured. */
export const NODES = 1000;

const EXECUTE = "/api/v1/execute_code";
const QUERY = "/api/v1/graph_query";

/** The request with this number; `stored` is the path of a run that is there. */
export function capacityRequest(kind: CapacityKind, at: number, stored: string): CapacityRequest {
  switch (kind) {
    case "status":
      return { path: "/status", body: null };
    case "stored":
      return { path: stored, body: null };
    case "graph_read":
      return { path: QUERY, body: { ...BY_KEY, parameters: { key: `n${at % NODES}`, at } } };
    case "graph_cached":
      return { path: QUERY, body: { ...BY_KEY, parameters: { key: "n1", at: -1 } } };
    case "graph_write":
      return { path: "/api/v1/graph_upsert", body: { nodes: [node(at)] } };
    case "template":
      return { path: "/api/v1/generate_code", body: { template: TEMPLATE, context: { at } } };
    case "lint":
      return { path: "/api/v1/lint_code", body: { code: `import os\nprint(${at})\n` } };
    case "python":
      return { path: EXECUTE, body: { code: "print(1)" } };
    case "bash":
      return { path: EXECUTE, body: { language: "bash", code: "echo 1" } };
    case "javascript":
      return { path: EXECUTE, body: { language: "javascript", code: "console.log(1)" } };
  }
}

/** A node as it is sent. */
export function node(at: number): object {
  return { key: `n${at}`, labels: ["Person"], properties: { name: `name ${at}`, rank: at % 10 } };
}

// A parameter more makes it another question, so that no cache has it.
const BY_KEY = { cypher: "MATCH (p:Person {key: $key}) RETURN p.name AS name, $at AS at" };
const TEMPLATE = "def f{{ at }}(x):\n    return x + {{ at }}\n";
