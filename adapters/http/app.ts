import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Application } from "../../application/application.ts";
import type { Audit } from "../../application/audit_trail.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { Log } from "../../domain/ports/log.ts";
import type { Telemetry } from "../../domain/ports/telemetry.ts";
import type { TokenVerifier } from "../../domain/ports/token_verifier.ts";
import { validationFailed } from "../wire/faults.ts";
import type { HttpEnv } from "./environment.ts";
import { Pace } from "./pace.ts";
import { authenticated } from "./middleware/authentication.ts";
import { correlated } from "./middleware/correlation.ts";
import { observed } from "./middleware/observation.ts";
import { errorsOnly, methodNotAllowed, problemAnswers, routeNotFound } from "./problem.ts";
import { addAuditRoute } from "./routes/audit.ts";
import { addDocumentRoute } from "./routes/document.ts";
import { addExecutionRoutes, type ExecutionRoutesParts } from "./routes/executions.ts";
import { addHealthRoutes } from "./routes/health.ts";
import { addMcpRoute, type McpRouteParts } from "./routes/mcp.ts";
import { addMetricsRoute, type MetricsParts } from "./routes/metrics.ts";
import { addProblemPages } from "./routes/problems.ts";
import { addStatusRoute } from "./routes/status.ts";

/** What the HTTP adapter is made of. */
export interface HttpParts extends ExecutionRoutesParts, McpRouteParts, MetricsParts {
  readonly application: Application;
  readonly tokens: TokenVerifier;
  readonly audit: Audit;
  readonly telemetry: Telemetry;
  readonly log: Log;
  readonly clock: Clock;
  /** A new correlation id: 8 to 128 characters of `A-Za-z0-9._-`. */
  readonly newId: () => string;
  /** The service's version, for the OpenAPI document. */
  readonly version: string;
  /** The largest request body, in bytes. */
  readonly maxBodyBytes: number;
}

/** The HTTP surface as a function from request to response. */
export interface HttpApp {
  /** Never rejects: whatever goes wrong is answered as a problem. */
  fetch(
    request: Request,
    info: { readonly remoteAddr: Deno.Addr },
  ): Response | Promise<Response>;
}

/** What was sent in the place that a schema has refused. */
async function sentFor({ req }: Context<HttpEnv>, target: string): Promise<unknown> {
  if (target === "json") return await req.json();
  return target === "query" ? req.query() : req.param();
}

/** Builds the HTTP surface; opens nothing. */
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
  app.use("*", correlated(parts.newId), observed(parts), errorsOnly());
  for (const guarded of ["/api/v1/*", "/status/*", "/mcp/*"]) {
    app.use(guarded, authenticated(parts.tokens, parts.audit));
  }
  addRoutes(app, parts);
  refuseOtherMethods(app);
  const pace = new Pace();
  return {
    fetch(request, { remoteAddr }) {
      const turn = pace.turn();
      const begin = () => app.fetch(request, { remoteAddr });
      return turn === null ? begin() : turn.then(begin);
    },
  };
}

function addRoutes(app: OpenAPIHono<HttpEnv>, parts: HttpParts): void {
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
  addExecutionRoutes(app, parts);
  addAuditRoute(app, parts.application);
  addMcpRoute(app, parts);
  addMetricsRoute(app, parts);
  addProblemPages(app);
  addDocumentRoute(app, parts.version);
}

/** Answers 405 on each path for the methods that no route of it takes. */
function refuseOtherMethods(app: OpenAPIHono<HttpEnv>): void {
  const methods = new Map<string, Set<string>>();
  for (const { path, method } of app.routes) {
    if (path.includes("*")) continue;
    methods.set(path, (methods.get(path) ?? new Set()).add(method));
  }
  for (const [path, taken] of methods) {
    if (taken.has("ALL")) continue;
    if (taken.has("GET")) taken.add("HEAD");
    app.all(path, methodNotAllowed([...taken]));
  }
}
