import { mcpRequest } from "../fixtures/mcp_message.ts";

/** Who asks, in the order of a line's statuses: Olga is a developer like Dan, and nothing is hers. */
export const CALLERS = [
  { name: "no token", token: null },
  { name: "viewer", token: "viewer-token" },
  { name: "developer", token: "developer-token" },
  { name: "admin", token: "admin-token" },
  { name: "another's token", token: "other-token" },
] as const;

/** The statuses for no token, viewer, developer, admin and another's token. */
export type Statuses = readonly [number, number, number, number, number];

/** What each caller is to be answered by a route; what is asked for is Dan's, a developer. */
export interface AccessLine {
  readonly expected: Statuses;
  /** The path that is asked for where it is not the route's own; `{run}` and `{job}` stand for Dan's. */
  readonly path?: string;
  /** Sent as JSON. */
  readonly body?: object;
  /** The body's type, and the one asked for, where that is not JSON. */
  readonly type?: string;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The method, for routes that take any. */
  readonly method?: string;
}

const NDJSON = "application/x-ndjson";

const OPEN: Statuses = [200, 200, 200, 200, 200];
const ANY_TOKEN: Statuses = [401, 200, 200, 200, 200];
const DEVELOPERS: Statuses = [401, 403, 200, 200, 200];
const ADMINS: Statuses = [401, 403, 403, 200, 403];

/** A line for each route of the app, and for no others. */
export const ROUTE_ACCESS: Readonly<Record<string, AccessLine>> = {
  "GET /health": { expected: OPEN },
  "GET /health/ready": { expected: OPEN },
  "GET /openapi.json": { expected: OPEN },
  "GET /docs": { expected: OPEN },
  "GET /docs/{asset}": { expected: OPEN, path: "/docs/start.js" },
  "GET /problems/{code}": { expected: OPEN, path: "/problems/forbidden" },
  // From another machine: no token of a user's opens this, an admin's neither.
  "GET /metrics": { expected: [401, 401, 401, 401, 401] },
  "GET /status": { expected: ANY_TOKEN },
  "POST /api/v1/execute_code": { expected: DEVELOPERS, body: { code: "print(1)" } },
  "POST /api/v1/lint_code": { expected: ANY_TOKEN, body: { code: "x = 1" } },
  "POST /api/v1/run_tests": { expected: DEVELOPERS, body: { code: "def test(): pass" } },
  "GET /api/v1/executions/{id}": {
    expected: [401, 404, 200, 200, 404],
    path: "/api/v1/executions/{run}",
  },
  "POST /api/v1/executions": {
    expected: [401, 403, 202, 202, 202],
    body: { code: "print(1)" },
  },
  "GET /api/v1/executions": { expected: ANY_TOKEN },
  "GET /api/v1/executions/dead": { expected: ADMINS },
  "DELETE /api/v1/executions/{id}": {
    expected: [401, 403, 200, 200, 404],
    path: "/api/v1/executions/{job}",
  },
  "GET /api/v1/executions/{id}/events": {
    expected: [401, 404, 200, 200, 404],
    path: "/api/v1/executions/{run}/events",
    accept: "text/event-stream",
  },
  "POST /api/v1/generate_code": { expected: DEVELOPERS, body: { template: "a" } },
  "POST /api/v1/graph_upsert": { expected: DEVELOPERS, body: { nodes: [{ key: "a" }] } },
  "POST /api/v1/graph_query": { expected: ANY_TOKEN, body: { cypher: "RETURN 1 AS one" } },
  "POST /api/v1/graph_delete": { expected: ADMINS, body: { nodes: ["a"] } },
  "GET /api/v1/graph/metrics": { expected: ANY_TOKEN },
  "GET /api/v1/prompts": { expected: ANY_TOKEN },
  "GET /api/v1/prompts/{slug}": { expected: ANY_TOKEN, path: "/api/v1/prompts/recall" },
  "GET /api/v1/graph/export": { expected: ADMINS, accept: NDJSON },
  "POST /api/v1/graph/import": {
    expected: ADMINS,
    type: NDJSON,
    body: { kind: "end", nodes: 0, relationships: 0 },
  },
  // A token of somebody else's, which only an admin may revoke.
  "POST /api/v1/tokens/revoke": {
    expected: [401, 403, 403, 204, 403],
    body: { jti: "somebody-elses" },
  },
  "GET /api/v1/users/{id}/roles": {
    expected: [401, 403, 200, 200, 403],
    path: "/api/v1/users/dan/roles",
  },
  "PUT /api/v1/users/{id}/roles": {
    expected: ADMINS,
    path: "/api/v1/users/dan/roles",
    body: { roles: ["developer"] },
  },
  "POST /api/v1/users/{id}/roles": {
    expected: ADMINS,
    path: "/api/v1/users/dan/roles",
    body: { roles: ["developer"] },
  },
  "GET /api/v1/audit": { expected: ADMINS },
  "GET /api/v1/circuit_breakers": { expected: ADMINS },
  "POST /api/v1/circuit_breakers/{name}": {
    expected: ADMINS,
    path: "/api/v1/circuit_breakers/graph_read",
    body: { action: "reset" },
  },
  "GET /api/v1/cache": { expected: ADMINS },
  "DELETE /api/v1/cache": { expected: ADMINS },
  "POST /mcp": {
    expected: ANY_TOKEN,
    ...mcpRequest("tools/list"),
  },
  "ALL /mcp": { expected: [401, 405, 405, 405, 405], method: "GET" },
};

/** What each caller is to be answered by a tool: 200, or the status of the problem. */
export interface ToolLine {
  readonly expected: Statuses;
  readonly arguments: object;
}

/** A line for each MCP tool, and for no others. */
export const TOOL_ACCESS: Readonly<Record<string, ToolLine>> = {
  execute_code: { expected: DEVELOPERS, arguments: { code: "print(1)" } },
  generate_code: { expected: DEVELOPERS, arguments: { template: "a" } },
  lint_code: { expected: ANY_TOKEN, arguments: { code: "x = 1" } },
  run_tests: { expected: DEVELOPERS, arguments: { code: "def test(): pass" } },
  graph_upsert: { expected: DEVELOPERS, arguments: { nodes: [{ key: "a" }] } },
  graph_query: { expected: ANY_TOKEN, arguments: { cypher: "RETURN 1 AS one" } },
};

/** What each role may ask of a use case itself, past every route: viewer, developer, admin. */
export const USE_CASE_ACCESS: Readonly<Record<string, readonly [boolean, boolean, boolean]>> = {
  executeCode: [false, true, true],
  runTests: [false, true, true],
  getExecution: [true, true, true],
  queueExecution: [false, true, true],
  cancelExecution: [false, true, true],
  watchExecution: [true, true, true],
  listDeadExecutions: [false, false, true],
  getUserRoles: [false, false, true],
  changeUserRoles: [false, false, true],
  revokeToken: [false, false, true],
  searchAudit: [false, false, true],
  listCircuitBreakers: [false, false, true],
  changeCircuitBreaker: [false, false, true],
  getCaches: [false, false, true],
  clearCaches: [false, false, true],
  generateCode: [false, true, true],
  upsertGraph: [false, true, true],
  queryGraph: [true, true, true],
  deleteFromGraph: [false, false, true],
  graphMetrics: [true, true, true],
  graphSchema: [true, true, true],
  describeLabel: [true, true, true],
  exportGraph: [false, false, true],
  importGraph: [false, false, true],
  listPrompts: [true, true, true],
  getPrompt: [true, true, true],
  completeArgument: [true, true, true],
  completeLabel: [true, true, true],
};
