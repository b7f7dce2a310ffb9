import assert from "node:assert/strict";
import type { RequestContext } from "../../application/request_context.ts";
import { isFailure } from "../../domain/errors.ts";
import { type Role, ROLES } from "../../domain/identity/role.ts";
import { sampleRecord } from "../contracts/execution_records.ts";
import { sampleJob } from "../contracts/job_queue_samples.ts";
import { FakeApplication } from "../fakes/fake_application.ts";
import { HttpSurface } from "../fakes/http_surface.ts";
import { mcpCall, mcpRequest } from "../fixtures/mcp_message.ts";
import {
  type AccessLine,
  CALLERS,
  ROUTE_ACCESS,
  TOOL_ACCESS,
  USE_CASE_ACCESS,
} from "./access_table.ts";

/** An address of documentation: not loopback. */
const ELSEWHERE = "192.0.2.1";
const JSON_HEADERS = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
  host: "localhost",
};

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly token: string | null;
  readonly body?: object | undefined;
  readonly type?: string | undefined;
  readonly accept?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Asks as from another machine; the body of the answer, and its status. */
async function ask(
  surface: HttpSurface,
  { method, path, token, body, type, accept, headers }: Asked,
): Promise<{ readonly status: number; readonly text: string }> {
  const request = new Request(`http://localhost${path}`, {
    method,
    headers: {
      ...JSON_HEADERS,
      ...headers,
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(type === undefined ? {} : { "content-type": type }),
      ...(accept === undefined ? {} : { accept }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const remoteAddr = { transport: "tcp", hostname: ELSEWHERE, port: 40_000 } as const;
  const response = await surface.fetch(request, { remoteAddr });
  return { status: response.status, text: await response.text() };
}

/** The JSON-RPC answer in a body. */
function rpcAnswer(text: string) {
  return JSON.parse(text) as { readonly result: Readonly<Record<string, unknown>> };
}

/** The route's status for a caller; each is asked of a surface of its own, so that none changes another's. */
async function routeStatus(
  route: string,
  line: AccessLine,
  token: string | null,
): Promise<number> {
  await using surface = new HttpSurface();
  const run = sampleRecord({ owner: "dan" });
  surface.application.records.set(run.id, run);
  const job = sampleJob({ owner: "dan" });
  await surface.application.jobs.add(job, 1);
  const [routeMethod = "", routePath = ""] = route.split(" ");
  const path = (line.path ?? routePath).replace("{run}", run.id).replace("{job}", job.id);
  const method = line.method ?? routeMethod;
  return (await ask(surface, { ...line, method, path, token })).status;
}

async function toolStatus(name: string, args: object, token: string | null): Promise<number> {
  await using surface = new HttpSurface();
  const call = mcpCall(name, args);
  const { status, text } = await ask(surface, { method: "POST", path: "/mcp", token, ...call });
  if (status !== 200) return status;
  const { result } = rpcAnswer(text);
  const content = result.structuredContent as Readonly<Record<string, unknown>>;
  return result.isError === true ? Number(content.status) : 200;
}

Deno.test("every route of the app has its line in the access table, and no other has [S29]", async () => {
  await using surface = new HttpSurface();
  assert.deepEqual([...surface.routes].sort(), Object.keys(ROUTE_ACCESS).sort());
});

Deno.test("every documented route is one of the app's [S29, S36]", async () => {
  await using surface = new HttpSurface();
  const { json } = await surface.send("/openapi.json");
  const documented = Object.entries(json.paths as Record<string, object>)
    .flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`)
    );
  assert.ok(documented.length > 8);
  assert.deepEqual(documented.filter((route) => !surface.routes.includes(route)), []);
});

Deno.test("every MCP tool has its line in the access table, and no other has [S29]", async () => {
  await using surface = new HttpSurface();
  const listing = mcpRequest("tools/list");
  const asked = { method: "POST", path: "/mcp", token: "admin-token", ...listing };
  const { tools } = rpcAnswer((await ask(surface, asked)).text).result;
  const names = (tools as { readonly name: string }[]).map(({ name }) => name);
  assert.deepEqual(names.sort(), Object.keys(TOOL_ACCESS).sort());
});

for (const [route, line] of Object.entries(ROUTE_ACCESS)) {
  Deno.test(`${route} lets in whom it should [S29]`, async () => {
    const found: number[] = [];
    for (const { token } of CALLERS) found.push(await routeStatus(route, line, token));
    assert.deepEqual(found, line.expected, CALLERS.map(({ name }) => name).join(", "));
  });
}

for (const [name, line] of Object.entries(TOOL_ACCESS)) {
  Deno.test(`the MCP tool ${name} lets in whom it should [S29]`, async () => {
    const found: number[] = [];
    for (const { token } of CALLERS) found.push(await toolStatus(name, line.arguments, token));
    assert.deepEqual(found, line.expected, CALLERS.map(({ name }) => name).join(", "));
  });
}

type UseCase = (application: FakeApplication, context: RequestContext) => Promise<unknown>;

const COMMAND = {
  language: "python",
  code: "print(1)",
  stdin: "",
  args: [],
  environment: {},
  limits: {},
  files: [],
  outputs: [],
} as const;

/** Each use case as a caller who is not its object asks for it. */
const USE_CASES: Readonly<Record<string, UseCase>> = {
  executeCode: (application, context) => application.executeCode(COMMAND, context),
  runTests: (application, context) =>
    application.runTests({ language: "python", code: "def test(): pass", files: [] }, context),
  getExecution(application, context) {
    const run = sampleRecord({ owner: context.principal.subject });
    application.records.set(run.id, run);
    return application.getExecution(run.id, context);
  },
  queueExecution: (application, context) =>
    application.queueExecution({ ...COMMAND, idempotencyKey: null }, context),
  async cancelExecution(application, context) {
    const job = sampleJob({ owner: context.principal.subject });
    await application.jobs.add(job, 1);
    return application.cancelExecution(job.id, context);
  },
  watchExecution(application, context) {
    const run = sampleRecord({ owner: context.principal.subject });
    application.records.set(run.id, run);
    return application.watchExecution(run.id, context);
  },
  listDeadExecutions: (application, context) => application.listDeadExecutions(1, context),
  generateCode: (application, context) =>
    application.generateCode({ template: "a", context: {}, language: "python" }, context),
  getUserRoles: (application, context) => application.getUserRoles("somebody", context),
  changeUserRoles: (application, context) =>
    application.changeUserRoles({ user: "somebody", kind: "add", roles: [] }, context),
  searchAudit: (application, context) =>
    application.searchAudit({ limit: 1, after: null }, context),
  listCircuitBreakers: (application, context) => application.listCircuitBreakers(context),
  changeCircuitBreaker: (application, context) =>
    application.changeCircuitBreaker({ name: "graph_read", action: "reset" }, context),
  getCaches: (application, context) => application.getCaches(context),
  clearCaches: (application, context) => application.clearCaches(context),
  upsertGraph: (application, context) =>
    application.upsertGraph({ nodes: [], relationships: [] }, context),
  queryGraph(application, context) {
    const statement = "RETURN 1 AS one";
    const query = { statement, parameters: {}, limit: 1, timeoutSeconds: 1 };
    return application.queryGraph(query, context);
  },
  deleteFromGraph: (application, context) =>
    application.deleteFromGraph({ nodes: [], relationships: [], detach: false }, context),
  graphMetrics: (application, context) => application.graphMetrics(context),
  graphSchema: (application, context) => application.graphSchema(context),
  async describeLabel(application, context) {
    const admin = { ...context, principal: { subject: "ada", roles: ["admin"] as const } };
    const nodes = [{ key: "a", labels: ["Person"], properties: {} }];
    await application.upsertGraph({ nodes, relationships: [] }, admin);
    return await application.describeLabel("Person", context);
  },
  listPrompts: (application, context) => application.listPrompts(context),
  getPrompt: (application, context) =>
    application.getPrompt({ slug: "recall", arguments: { question: "who" } }, context),
  completeArgument: (application, context) =>
    application.completeArgument({ slug: "recall", argument: "label", value: "" }, context),
  completeLabel: (application, context) => application.completeLabel("", context),
  exportGraph: (application, context) => application.exportGraph(context),
  importGraph(application, context) {
    const end = { number: 1, size: 1, end: { nodes: 0, relationships: 0 } };
    return application.importGraph(ReadableStream.from([end]), context);
  },
  revokeToken: (application, context) =>
    application.revokeToken({ tokenId: "somebody-elses", expiresAt: null }, context),
};

async function isAllowed(useCase: UseCase, roles: readonly Role[]): Promise<boolean> {
  const principal = { subject: "me", roles };
  const signal = new AbortController().signal;
  const application = new FakeApplication();
  try {
    await useCase(application, { principal, correlationId: "access-test", signal });
    return true;
  } catch (error) {
    if (isFailure(error, "forbidden")) return false;
    throw error;
  } finally {
    await application.roles[Symbol.asyncDispose]();
  }
}

for (const [name, expected] of Object.entries(USE_CASE_ACCESS)) {
  Deno.test(`the use case ${name} judges roles itself [S29]`, async () => {
    const useCase = USE_CASES[name] ?? assert.fail(`no such use case: ${name}`);
    assert.equal(await isAllowed(useCase, []), false, "no role");
    for (const [at, role] of ROLES.entries()) {
      assert.equal(await isAllowed(useCase, [role]), expected[at], role);
    }
  });
}
