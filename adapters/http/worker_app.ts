import { OpenAPIHono } from "@hono/zod-openapi";
import type { Audit } from "../../application/audit_trail.ts";
import type { Application } from "../../application/application.ts";
import type { HttpApp } from "./app.ts";
import type { HttpEnv } from "./environment.ts";
import { knownRoutes } from "./known_routes.ts";
import { correlated } from "./middleware/correlation.ts";
import { located } from "./middleware/location.ts";
import { type ObservationParts, observed } from "./middleware/observation.ts";
import { errorsOnly, problemAnswers, routeNotFound } from "./problem.ts";
import { addHealthRoutes } from "./routes/health.ts";
import { addMetricsRoute, type MetricsParts } from "./routes/metrics.ts";

/** What a worker's HTTP surface is made of. */
export interface WorkerHttpParts extends MetricsParts, ObservationParts {
  readonly application: Pick<Application, "status" | "readiness">;
  readonly audit: Audit;
  readonly newId: () => string;
}

/** What a worker answers: whether it lives, whether it is ready, its metrics. Opens nothing. */
export function createWorkerApp(parts: WorkerHttpParts): Pick<HttpApp, "fetch" | "known"> {
  const app = new OpenAPIHono<HttpEnv>();
  app.onError(problemAnswers(parts));
  app.notFound(routeNotFound);
  app.use("*", correlated(parts.newId), located([]), observed(parts), errorsOnly());
  addHealthRoutes(app, parts.application);
  addMetricsRoute(app, parts);
  return {
    known: knownRoutes(app),
    fetch: (request, { remoteAddr }) => app.fetch(request, { remoteAddr }),
  };
}
