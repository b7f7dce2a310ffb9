import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Application } from "../../../application/application.ts";
import type { DependencyCheck } from "../../../application/service_status.ts";
import { BREAKER_STATES } from "../../../domain/resilience/breaker_policy.ts";
import { answerJson } from "../answer.ts";
import type { HttpEnv } from "../environment.ts";
import { jsonResponse, problemResponses } from "../openapi.ts";

const healthSchema = z.object({
  status: z.literal("ok"),
  version: z.string(),
  uptime_seconds: z.number(),
}).openapi("Health");

const stateSchema = z.enum(["ready", "degraded", "not_ready"]);

const checkSchema = z.object({
  status: stateSchema,
  latency_seconds: z.number(),
  breaker: z.enum(BREAKER_STATES).optional(),
  detail: z.string().optional(),
});

const readinessSchema = z.object({
  status: stateSchema,
  checks: z.object({
    graph: checkSchema,
    records: checkSchema,
    cache: checkSchema,
    sandbox: checkSchema,
  }),
}).openapi("Readiness");

const healthRoute = createRoute({
  method: "get",
  path: "/health",
  summary: "Whether the process is alive",
  responses: { 200: jsonResponse("Alive.", healthSchema), ...problemResponses([]) },
});

const readinessRoute = createRoute({
  method: "get",
  path: "/health/ready",
  summary: "Whether the service can take requests",
  responses: {
    200: jsonResponse("Ready, or serving with a part missing.", readinessSchema),
    503: jsonResponse("Not ready.", readinessSchema),
    ...problemResponses([]),
  },
});

/** `GET /health` and `GET /health/ready`, open to all. */
export function addHealthRoutes(
  app: OpenAPIHono<HttpEnv>,
  application: Pick<Application, "status" | "readiness">,
): void {
  app.openapi(healthRoute, () => {
    const { version, uptimeSeconds } = application.status();
    return answerJson({ status: "ok" as const, version, uptime_seconds: uptimeSeconds }, 200);
  });
  app.openapi(readinessRoute, async () => {
    const { status, checks } = await application.readiness();
    const body = {
      status,
      checks: {
        graph: wireCheck(checks.graph),
        records: wireCheck(checks.records),
        cache: wireCheck(checks.cache),
        sandbox: wireCheck(checks.sandbox),
      },
    };
    if (status !== "not_ready") return answerJson(body, 200);
    return answerJson(body, 503, { "retry-after": "1" });
  });
}

function wireCheck(check: DependencyCheck): z.output<typeof checkSchema> {
  return {
    status: check.status,
    latency_seconds: check.latencySeconds,
    ...(check.breaker === undefined ? {} : { breaker: check.breaker }),
    ...(check.detail === undefined ? {} : { detail: check.detail }),
  };
}
