import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Application } from "../../../application/application.ts";
import type { ServiceStatus, SystemUse } from "../../../application/service_status.ts";
import { circuitBreakerSchema, wireBreaker } from "../../wire/circuit_breakers.ts";
import { cachesSchema, wireCaches } from "../../wire/caches.ts";
import { answerJson } from "../answer.ts";
import type { HttpEnv } from "../environment.ts";
import { acceptsJson } from "../middleware/acceptance.ts";
import { BEARER, jsonResponse, problemResponses, TOKEN_PROBLEMS } from "../openapi.ts";

const unavailabilitySchema = z.object({ reason: z.string(), remedy: z.string() });

const systemSchema = z.object({
  cpu_percent: z.number(),
  memory_used_bytes: z.number(),
  memory_percent: z.number(),
  disk_percent: z.number(),
  load_average: z.array(z.number()).meta({ description: "Over 1, 5 and 15 minutes." }),
});

const statusSchema = z.object({
  version: z.string(),
  uptime_seconds: z.number(),
  backends: z.object({
    graph: z.enum(["embedded", "neo4j"]),
    records: z.enum(["sqlite", "neo4j"]),
    cache: z.enum(["memory", "redis"]),
  }).meta({ description: "What keeps what. Instances share what neo4j and redis keep." }),
  executions: z.object({ running: z.int(), waiting: z.int() }),
  caches: cachesSchema,
  sandbox: z.object({
    runner: z.string(),
    ready: z.boolean(),
    refusal: unavailabilitySchema.nullable(),
    layers: z.array(z.string()),
    missing: z.array(z.string()),
    unavailable_languages: z.record(z.string(), unavailabilitySchema),
    packages: z.object({
      preloaded: z.array(z.string()),
      not_preloaded: z.record(z.string(), unavailabilitySchema),
    }),
  }),
  breakers: z.array(circuitBreakerSchema),
  system: systemSchema.nullable(),
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
  const { runner, ready, refusal, layers, missing, unavailableLanguages, packages } =
    status.sandbox;
  const { running, waiting } = status.executions;
  return {
    version: status.version,
    uptime_seconds: status.uptimeSeconds,
    backends: { ...status.backends },
    executions: { running, waiting },
    caches: wireCaches(status.caches),
    sandbox: {
      runner,
      ready,
      refusal,
      layers: [...layers],
      missing: [...missing],
      unavailable_languages: { ...unavailableLanguages },
      packages: {
        preloaded: [...packages.preloaded],
        not_preloaded: { ...packages.notPreloaded },
      },
    },
    breakers: status.breakers.map(wireBreaker),
    system: status.system === null ? null : wireSystem(status.system),
  };
}

function wireSystem(system: SystemUse): z.output<typeof systemSchema> {
  return {
    cpu_percent: system.cpuPercent,
    memory_used_bytes: system.memoryUsedBytes,
    memory_percent: system.memoryPercent,
    disk_percent: system.diskPercent,
    load_average: [...system.loadAverage],
  };
}
