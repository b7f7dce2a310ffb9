import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Application } from "../../../application/application.ts";
import type { ServiceStatus } from "../../../application/service_status.ts";
import { answerJson } from "../answer.ts";
import type { HttpEnv } from "../environment.ts";
import { acceptsJson } from "../middleware/acceptance.ts";
import { BEARER, jsonResponse, problemResponses, TOKEN_PROBLEMS } from "../openapi.ts";

const unavailabilitySchema = z.object({ reason: z.string(), remedy: z.string() });

const statusSchema = z.object({
  version: z.string(),
  uptime_seconds: z.number(),
  executions: z.object({ running: z.int(), waiting: z.int() }),
  sandbox: z.object({
    runner: z.string(),
    ready: z.boolean(),
    refusal: unavailabilitySchema.nullable(),
    layers: z.array(z.string()),
    missing: z.array(z.string()),
    unavailable_languages: z.record(z.string(), unavailabilitySchema),
  }),
}).openapi("Status");

const statusRoute = createRoute({
  method: "get",
  path: "/status",
  summary: "The service as an operator sees it",
  security: BEARER,
  middleware: [acceptsJson()] as const,
  responses: {
    200: jsonResponse("The service as it stands.", statusSchema),
    ...problemResponses([...TOKEN_PROBLEMS, "not_acceptable"]),
  },
});

/** `GET /status`, for any valid token. */
export function addStatusRoute(app: OpenAPIHono<HttpEnv>, application: Application): void {
  app.openapi(statusRoute, () => answerJson(wireStatus(application.status()), 200));
}

function wireStatus(status: ServiceStatus): z.output<typeof statusSchema> {
  const { runner, ready, refusal, layers, missing, unavailableLanguages } = status.sandbox;
  const { running, waiting } = status.executions;
  return {
    version: status.version,
    uptime_seconds: status.uptimeSeconds,
    executions: { running, waiting },
    sandbox: {
      runner,
      ready,
      refusal,
      layers: [...layers],
      missing: [...missing],
      unavailable_languages: { ...unavailableLanguages },
    },
  };
}
