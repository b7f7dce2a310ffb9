import { AjvJsonSchemaValidator } from "@modelcontextprotocol/server/validators/ajv";
import assert from "node:assert/strict";
import { createHttpApp, type HttpParts } from "../../adapters/http/app.ts";
import { BODY_PACE } from "../../adapters/http/middleware/body_pace.ts";
import { createMcpEndpoint, type McpOptions } from "../../adapters/mcp/server.ts";
import { sleep } from "../../adapters/system/sleep.ts";
import { audited } from "../../application/decorators/audited.ts";
import { DomainError } from "../../domain/errors.ts";
import type { Principal } from "../../domain/identity/principal.ts";
import type { Measurement } from "../../domain/ports/telemetry.ts";
import { Watchers } from "../../application/watchers.ts";
import { CEILINGS, FILE_CAPS } from "../fixtures/ceilings.ts";
import { FakeApplication } from "./fake_application.ts";
import { ManualClock } from "./manual_clock.ts";

/** One line that the surface has logged. */
export interface LogLine {
  readonly level: string;
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** An answer with its body read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body of a JSON answer, else `null`. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** The largest body that the surface takes, in bytes. */
export const MAX_BODY_BYTES = 3_000_000;

const PRINCIPALS = new Map<string, Principal>([
  ["viewer-token", {
    subject: "vera",
    roles: ["viewer"],
    token: { id: "viewer-jti", expiresAt: Date.UTC(2030, 0, 1) },
  }],
  ["developer-token", { subject: "dan", roles: ["developer"] }],
  ["other-token", { subject: "olga", roles: ["developer"] }],
  ["watcher-token", {
    subject: "wanda",
    roles: ["admin"],
    token: { id: "watcher-jti", expiresAt: Date.UTC(2030, 0, 1) },
  }],
  ["admin-token", { subject: "ada", roles: ["admin"] }],
]);

/** Asked of a surface of its own, so that no other counts the request. */
let document: Promise<Answer> | undefined;

/** The real HTTP and MCP adapters over a {@link FakeApplication}, with all they told kept. */
export class HttpSurface implements AsyncDisposable {
  readonly application = new FakeApplication();
  readonly measurements: Measurement[] = [];
  readonly lines: LogLine[] = [];
  /** What sessions of MCP are told the time by. */
  readonly mcpClock = new ManualClock(Date.UTC(2029, 0, 1));
  readonly watchers = new Watchers({
    revokedTokens: this.application.revokedTokens,
    clock: this.mcpClock,
    sleep: (milliseconds, signal) => sleep(Math.min(milliseconds, 20), signal),
  });
  readonly fetch: ReturnType<typeof createHttpApp>["fetch"];
  readonly routes: readonly string[];
  readonly #mcp: ReturnType<typeof createMcpEndpoint>;
  #ids = 0;
  #ticks = 0;

  constructor(overrides: Partial<HttpParts> = {}, mcpOptions: McpOptions = {}) {
    const log: HttpParts["log"] = {
      write: (level, event, fields = {}) => void this.lines.push({ level, event, fields }),
    };
    const shared = {
      application: audited(this.application, this.application.audit),
      audit: this.application.audit,
      log,
      telemetry: { record: (measurement: Measurement) => void this.measurements.push(measurement) },
      version: "1.2.3",
      ceilings: CEILINGS,
      fileCaps: FILE_CAPS,
    };
    this.#mcp = createMcpEndpoint(
      { ...shared, clock: this.mcpClock, watchers: this.watchers },
      { ...mcpOptions, bounds: { resumeMs: 100, sweepMs: 20, ...mcpOptions.bounds } },
    );
    const app = createHttpApp({
      ...shared,
      tokens: { verify: verified },
      clock: { now: () => 0, monotonic: () => this.#ticks++ * 1000 },
      newId: () => `made-id-${++this.#ids}`,
      maxBodyBytes: MAX_BODY_BYTES,
      bodyPace: BODY_PACE,
      limits: null,
      trustedProxies: [],
      allowedHosts: [],
      corsOrigins: [],
      metrics: { text: () => Promise.resolve("up 1\n") },
      metricsToken: null,
      mcp: (request, call) => this.#mcp.fetch(request, call),
      ...overrides,
    });
    this.fetch = app.fetch;
    this.routes = app.routes;
  }

  /** Sends a request as from a loopback socket; the answer is held against the OpenAPI document. */
  async send(path: string, init: RequestInit = {}, peer = "127.0.0.1"): Promise<Answer> {
    const answer = await this.#exchange(path, init, peer);
    await this.#requireDocumented(path, init.method ?? "GET", answer);
    return answer;
  }

  /** Posts a body, encoded as JSON unless it is text. */
  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send(path, {
      method: "POST",
      headers: {
        authorization: "Bearer developer-token",
        "content-type": "application/json",
        ...headers,
      },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  }

  /** As at the beginning of a stop. */
  endStreams(): void {
    this.#mcp.endStreams();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#mcp[Symbol.asyncDispose]();
  }

  async #exchange(path: string, init: RequestInit, peer: string): Promise<Answer> {
    const request = new Request(`http://localhost${path}`, init);
    const remoteAddr = { transport: "tcp", hostname: peer, port: 40_000 } as const;
    const answer = await read(await this.fetch(request, { remoteAddr }));
    requireInert(path, answer);
    return answer;
  }

  async #requireDocumented(path: string, method: string, answer: Answer): Promise<void> {
    const type = answer.headers.get("content-type")?.split(";")[0] ?? "";
    if (!/[/+]json$/.test(type)) return;
    document ??= new HttpSurface().#exchange("/openapi.json", {}, "127.0.0.1");
    const schema = schemaFor((await document).json, { path, method, status: answer.status, type });
    const validate = new AjvJsonSchemaValidator().getValidator(schema);
    const verdict = validate(answer.json);
    assert.ok(verdict.valid, `${method} ${path} ${answer.status}: ${verdict.errorMessage}`);
  }
}

/** Verifies as the surface does unless it is told otherwise: `viewer-token` and the like. */
export function verified(token: string): Promise<Principal> {
  if (token === "old-token") {
    const expiredAt = "2026-01-01T00:00:00.000Z";
    return Promise.reject(new DomainError({ code: "token_expired", expiredAt }));
  }
  if (token === "revoked-token") {
    return Promise.reject(new DomainError({ code: "token_revoked" }));
  }
  const principal = PRINCIPALS.get(token);
  if (principal !== undefined) return Promise.resolve(principal);
  const reason = "the token's signature does not fit";
  return Promise.reject(new DomainError({ code: "unauthenticated", reason }));
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = (response.headers.get("content-type") ?? "").match(/[/+]json/) !== null;
  const json = isJson ? JSON.parse(text) : null;
  return { status: response.status, headers: response.headers, text, json };
}

/** Data of every kind leaves without live markup, whatever it tells. */
function requireInert(path: string, { headers, text }: Answer): void {
  const isData = /json|event-stream/.test(headers.get("content-type") ?? "");
  if (isData) assert.doesNotMatch(text, /[<>&\u2028\u2029]/, path);
  assert.equal(headers.get("x-content-type-options"), "nosniff", path);
}

interface Asked {
  readonly path: string;
  readonly method: string;
  readonly status: number;
  readonly type: string;
}

type Node = Readonly<Record<string, unknown>>;

/** The schema of an answer; one that no route documents must at least be a problem. */
function schemaFor(document: Node, asked: Asked): Node {
  const paths = nodeAt(document, "paths");
  const pattern = Object.keys(paths).find((pattern) => fits(pattern, asked.path));
  const operation = pattern === undefined
    ? {}
    : nodeAt(paths, pattern, asked.method.toLowerCase(), "responses");
  const problem = { $ref: "#/components/schemas/Problem" };
  const routed = Object.keys(operation).length > 0;
  const schema = routed
    ? nodeAt(operation, String(asked.status), "content", asked.type, "schema")
    : problem;
  assert.notDeepEqual(schema, {}, `${asked.method} ${asked.path} ${asked.status} is documented`);
  return { ...schema, components: nodeAt(document, "components") };
}

function fits(pattern: string, path: string): boolean {
  const [pathname = ""] = path.split("?");
  return new RegExp(`^${pattern.replaceAll(/\{[^}]+\}/g, "[^/]+")}$`).test(pathname);
}

function nodeAt(node: Node, ...path: readonly string[]): Node {
  let at: Node = node;
  for (const name of path) at = (at[name] ?? {}) as Node;
  return at;
}
