import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Application } from "../../application/application.ts";
import type { Audit } from "../../application/audit_trail.ts";
import type { Network } from "../../domain/network/address.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { Log } from "../../domain/ports/log.ts";
import type { KnownRoute, Telemetry } from "../../domain/ports/telemetry.ts";
import type { Tracer } from "../../domain/ports/tracer.ts";
import type { TokenVerifier } from "../../domain/ports/token_verifier.ts";
import { validationFailed } from "../wire/faults.ts";
import type { HttpEnv } from "./environment.ts";
import { knownRoutes } from "./known_routes.ts";
import { Pace } from "./pace.ts";
import type { PeerWatch } from "./peer_watch.ts";
import { authenticated } from "./middleware/authentication.ts";
import { readableBy } from "./middleware/cross_origin.ts";
import { door } from "./middleware/door.ts";
import { type RateLimitParts, RateLimits } from "./middleware/rate_limits.ts";
import type { RequestRules } from "./middleware/request_rules.ts";
import { correlated } from "./middleware/correlation.ts";
import { onlyMethodsOf } from "./middleware/fixed_paths.ts";
import { located } from "./middleware/location.ts";
import { observed } from "./middleware/observation.ts";
import { traced } from "./middleware/tracing.ts";
import { errorsOnly, methodNotAllowed, problemAnswers, routeNotFound } from "./problem.ts";
import { addAuditRoute } from "./routes/audit.ts";
import { addCircuitBreakerRoutes } from "./routes/circuit_breakers.ts";
import { addCacheRoutes } from "./routes/caches.ts";
import { addDocsPage } from "./routes/docs.ts";
import { addDocumentRoute } from "./routes/document.ts";
import { addExecutionListRoute } from "./routes/execution_list.ts";
import { addExecutionRoutes, type ExecutionRoutesParts } from "./routes/executions.ts";
import { addGenerateCodeRoute } from "./routes/generate_code.ts";
import { addGraphRoutes } from "./routes/graph.ts";
import { addGraphTransferRoutes } from "./routes/graph_transfer.ts";
import { addHealthRoutes } from "./routes/health.ts";
import { addJobRoutes } from "./routes/jobs.ts";
import { addLintRoute } from "./routes/lint.ts";
import { addMcpRoute, type McpRouteParts } from "./routes/mcp.ts";
import { addMetricsRoute, type MetricsParts } from "./routes/metrics.ts";
import { addProblemPages } from "./routes/problems.ts";
import { addPromptRoutes } from "./routes/prompts.ts";
import { addStatusRoute } from "./routes/status.ts";
import { addTestRoutes } from "./routes/tests.ts";
import { addTokenRoutes } from "./routes/tokens.ts";
import { addUserRolesRoutes } from "./routes/user_roles.ts";

/** What the HTTP adapter is made of. */
export interface HttpParts
  extends ExecutionRoutesParts, Omit<McpRouteParts, "limits">, MetricsParts, RequestRules {
  readonly application: Application;
  readonly tokens: TokenVerifier;
  readonly audit: Audit;
  /** Peers whose forwarding headers count. */
  readonly trustedProxies: readonly Network[];
  readonly telemetry: Telemetry;
  /** Left out: nothing is traced. */
  readonly tracer?: Tracer | undefined;
  readonly log: Log;
  readonly clock: Clock;
  /** A new correlation id: 8 to 128 characters of `A-Za-z0-9._-`. */
  readonly newId: () => string;
  /** The service's version, for the OpenAPI document. */
  readonly version: string;
  /** `null`: nobody is limited. */
  readonly limits: RateLimitParts | null;
  /** The largest request body, in bytes. */
  readonly maxBodyBytes: number;
  /** Looks for callers who have left; without it, only the server itself says so. */
  readonly peers?: Pick<PeerWatch, "watch">;
}

/** What a server knows of a request beside it. */
export interface RequestInfo {
  readonly remoteAddr: Deno.Addr;
  /** Settles when the answer has been sent, or cannot be. */
  readonly completed?: Promise<void>;
}

/** The HTTP surface as a function from request to response. */
export interface HttpApp {
  /**
   * Never rejects: whatever goes wrong is answered as a problem. `localPort`: the port that the request came
   * to, where it came over TCP; without it, only the server itself says that its caller has left.
   */
  fetch(
    request: Request,
    info: RequestInfo,
    localPort?: number,
  ): Response | Promise<Response>;
  /** Every route that answers, in the document's spelling, such as `GET /api/v1/executions/{id}`. */
  readonly routes: readonly string[];
  /** The routes of the document, as measurements name them. */
  readonly known: readonly KnownRoute[];
}

/** What was sent in the place that a schema has refused. */
async function sentFor({ req }: Context<HttpEnv>, target: string): Promise<unknown> {
  if (target === "json") return await req.json();
  if (target === "header") return req.header();
  return target === "query" ? req.query() : req.param();
}

/** Folders of paths behind a token. */
const GUARDED = ["/api/v1", "/status", "/mcp"];

/**
 * Builds the HTTP surface; opens nothing.
 *
 * What a request passes, in this order. Whatever one of them refuses still passes those before it on
 * its way out: it has its id and its headers, is measured and logged.
 *
 * 1. `correlated`: its id; the security headers. `located`: the address that it came from.
 *    `traced`, where traces go somewhere: the span round all that follows.
 * 2. `readableBy`: what lets pages of `CORS_ORIGINS` read the answer.
 * 3. `told`: what is left of the rate limit.
 * 4. `observed`: measured, one log line.
 * 5. `door`: its target, Host and Origin; its cost by address, unless its token has verified before.
 * 6. `authenticated`, where a token is needed: whose it is; its cost by user; the audit.
 * 7. The route: permission, accepted types, the body by its size, pace, count and schema.
 */
export function createHttpApp(parts: HttpParts): HttpApp {
  const app = new OpenAPIHono<HttpEnv>({
    defaultHook: async (result, c) => {
      if (result.success) return;
      const value = await sentFor(c, result.target);
      throw validationFailed(result.error, value);
    },
  });
  app.onError(problemAnswers(parts));
  app.notFound(routeNotFound);
  const limits = parts.limits === null ? null : new RateLimits(parts.limits);
  const { corsOrigins, allowedHosts } = parts;
  app.use("*", correlated(parts.newId), located(parts.trustedProxies));
  if (parts.tracer !== undefined) app.use("*", traced(parts.tracer));
  if (corsOrigins.length > 0) app.use("*", readableBy(corsOrigins));
  if (limits !== null) app.use("*", limits.told());
  app.use("*", observed(parts), errorsOnly());
  app.use("*", door({ limits, guarded: GUARDED, corsOrigins, allowedHosts }));
  for (const folder of GUARDED) app.use(`${folder}/*`, authenticated({ ...parts, limits }));
  const fixed = new Map<string, readonly string[]>();
  app.use("/api/v1/*", onlyMethodsOf(fixed));
  addRoutes(app, { ...parts, limits });
  const routes = routesOf(app);
  refuseOtherMethods(app, fixed);
  const pace = new Pace();
  return {
    routes,
    known: knownRoutes(app),
    fetch(request, info, localPort) {
      const turn = pace.turn();
      const begin = () => app.fetch(request, bindings(parts.peers, info, localPort));
      return turn === null ? begin() : turn.then(begin);
    },
  };
}

/** Begins to look only where somebody wants to know, and the server tells when there is nothing to look for. */
function bindings(
  peers: HttpParts["peers"],
  info: RequestInfo,
  localPort: number | undefined,
): HttpEnv["Bindings"] {
  const { remoteAddr, completed } = info;
  if (!peers || !completed || localPort === undefined || !("hostname" in remoteAddr)) {
    return { remoteAddr };
  }
  const { hostname: address, port } = remoteAddr;
  const onLeft = (left: () => void) => {
    const watched = peers.watch({ address, port, localPort }, left);
    const over = () => watched[Symbol.dispose]();
    completed.then(over, over);
  };
  return { remoteAddr, onLeft };
}

function addRoutes(
  app: OpenAPIHono<HttpEnv>,
  parts: Omit<HttpParts, "limits"> & McpRouteParts,
): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "metrics_token", {
    type: "http",
    scheme: "bearer",
  });
  addHealthRoutes(app, parts.application);
  addStatusRoute(app, parts.application);
  addJobRoutes(app, parts);
  addExecutionRoutes(app, parts);
  addExecutionListRoute(app, parts.application);
  addGenerateCodeRoute(app, parts);
  addTestRoutes(app, parts);
  addLintRoute(app, parts);
  addGraphRoutes(app, parts);
  addGraphTransferRoutes(app, parts);
  addPromptRoutes(app, parts.application);
  addTokenRoutes(app, parts);
  addUserRolesRoutes(app, parts);
  addAuditRoute(app, parts.application);
  addCircuitBreakerRoutes(app, parts);
  addCacheRoutes(app, parts.application);
  addMcpRoute(app, parts);
  addMetricsRoute(app, parts);
  addProblemPages(app);
  addDocsPage(app);
  addDocumentRoute(app, parts.version);
}

function routesOf(app: OpenAPIHono<HttpEnv>): string[] {
  const routes = app.routes
    .filter(({ path }) => !path.includes("*"))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:([^/]+)/g, "{$1}")}`);
  return [...new Set(routes)];
}

/** Answers 405 on each path for the methods that no route of it takes; `fixed` gets the paths without parameters. */
function refuseOtherMethods(
  app: OpenAPIHono<HttpEnv>,
  fixed: Map<string, readonly string[]>,
): void {
  const methods = new Map<string, Set<string>>();
  for (const { path, method } of app.routes) {
    if (path.includes("*")) continue;
    methods.set(path, (methods.get(path) ?? new Set()).add(method));
  }
  for (const [path, taken] of methods) {
    if (taken.has("ALL")) continue;
    if (taken.has("GET")) taken.add("HEAD");
    if (!path.includes(":")) fixed.set(path, [...taken]);
    app.all(path, methodNotAllowed([...taken]));
  }
}
