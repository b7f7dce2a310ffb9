import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { executeCodeCommand } from "../../wire/execution.ts";
import {
  deadQuerySchema,
  deadSchema,
  idempotencySchema,
  ticketSchema,
  wireDead,
  wireTicket,
} from "../../wire/jobs.ts";
import { executeCodeSchema } from "../../wire/schemas.ts";
import { answerJson } from "../answer.ts";
import { type HttpEnv, requestContext } from "../environment.ts";
import { acceptsJson, acceptsOneOf } from "../middleware/acceptance.ts";
import { permitted } from "../middleware/authentication.ts";
import { jsonBody } from "../middleware/json_body.ts";
import {
  BEARER,
  BODY_PROBLEMS,
  jsonResponse,
  problemResponses,
  TOKEN_PROBLEMS,
} from "../openapi.ts";
import type { ExecutionRoutesParts } from "./executions.ts";
import { streamEvents } from "./job_events.ts";

const EVENTS = `What happens to the run, as server-sent events.

| event | data | |
|---|---|---|
| \`status\` | an \`ExecutionStanding\` | where it stands: the first, and the last where it has ended without a result |
| \`started\` | \`{id, language, created_at, attempt}\` | it begins; what was written before is void |
| \`stdout\`, \`stderr\` | \`{text}\` | what the program wrote, cut between characters |
| \`omitted\` | \`{bytes}\` | here so much of what it wrote is not told, as it wrote faster than it is read; the result has it |
| \`result\` | a \`StoredExecution\` | the last event |
| \`problem\` | a \`Problem\` | the last event instead, when the service cannot go on telling |

Whoever comes later is told what was written before, of much the newest. Closing the request ends nothing.`;

const params = z.object({ id: z.uuid("a UUID") });

const FOUND_PROBLEMS = [
  ...TOKEN_PROBLEMS,
  "forbidden",
  "not_found",
  "not_acceptable",
  "validation_failed",
  "dependency_unavailable",
  "shutting_down",
] as const;

/** The routes of runs that outlive their requests. They stand before `GET /api/v1/executions/{id}`. */
export function addJobRoutes(app: OpenAPIHono<HttpEnv>, parts: ExecutionRoutesParts): void {
  const { application } = parts;
  app.openapi(queueRoute(parts), async (c) => {
    const asked = await executeCodeCommand(c.req.valid("json"));
    const idempotencyKey = c.req.valid("header")["idempotency-key"] ?? null;
    const { job } = await application.queueExecution(
      { ...asked, idempotencyKey },
      requestContext(c),
    );
    const location = `/api/v1/executions/${job.id}`;
    return answerJson(wireTicket(job), 202, { location });
  });
  app.openapi(deadRoute, async (c) => {
    const { limit } = c.req.valid("query");
    const jobs = await application.listDeadExecutions(limit, requestContext(c));
    return answerJson(wireDead(jobs), 200);
  });
  app.openapi(cancelRoute, async (c) => {
    const found = await application.cancelExecution(c.req.valid("param").id, requestContext(c));
    return answerJson(wireTicket(found), 200);
  });
  app.openapi(eventsRoute, (c) => streamEvents(c, c.req.valid("param").id, parts));
}

function queueRoute(parts: ExecutionRoutesParts) {
  const schema = executeCodeSchema(parts.ceilings, parts.fileCaps);
  const ticket = jsonResponse("The run is queued.", ticketSchema);
  return createRoute({
    method: "post",
    path: "/api/v1/executions",
    summary: "Queue a program to be run in the sandbox",
    description: "It runs though the caller leaves, and after a restart of the service. At least " +
      "once: a run that the machine lost is begun again. `cache` says nothing here.",
    security: BEARER,
    middleware: [
      permitted("tools:execute"),
      acceptsJson(),
      jsonBody(parts.maxBodyBytes, parts.bodyPace),
    ] as const,
    request: {
      headers: idempotencySchema,
      body: { required: true, content: { "application/json": { schema } } },
    },
    responses: {
      202: {
        ...ticket,
        headers: ticket.headers.extend({
          Location: z.string().meta({ description: "Where its state and its result will be." }),
        }),
      },
      ...problemResponses([
        ...TOKEN_PROBLEMS,
        ...BODY_PROBLEMS,
        "forbidden",
        "not_acceptable",
        "idempotency_key_reused",
        "too_many_executions",
        "dependency_unavailable",
        "shutting_down",
      ]),
    },
  });
}

const cancelRoute = createRoute({
  method: "delete",
  path: "/api/v1/executions/{id}",
  summary: "Cancel a queued run",
  description: "One that waits never begins; one that runs is told to stop, and has ended soon; " +
    "one that has ended stays as it is. For its owner and for admins.",
  security: BEARER,
  middleware: [permitted("tools:execute"), acceptsJson()] as const,
  request: { params },
  responses: {
    200: jsonResponse("As it now stands.", ticketSchema),
    ...problemResponses(FOUND_PROBLEMS),
  },
});

const eventsRoute = createRoute({
  method: "get",
  path: "/api/v1/executions/{id}/events",
  summary: "What happens to a queued run",
  description:
    "For its owner and for admins. Of a run that has ended: its result. One user may watch 20 " +
    "runs at once; a stream ends when its token is revoked or expires.",
  security: BEARER,
  middleware: [permitted("tools:read"), acceptsOneOf(["text/event-stream"])] as const,
  request: { params },
  responses: {
    200: {
      description: "The events, until the run has ended.",
      content: { "text/event-stream": { schema: z.unknown().meta({ description: EVENTS }) } },
    },
    ...problemResponses([...FOUND_PROBLEMS, "too_many_executions"]),
  },
});

const deadRoute = createRoute({
  method: "get",
  path: "/api/v1/executions/dead",
  summary: "Queued runs that could not be run",
  description: "Everyone's, for admins, for as long as they are known.",
  security: BEARER,
  middleware: [permitted("system:admin"), acceptsJson()] as const,
  request: { query: deadQuerySchema },
  responses: {
    200: jsonResponse("The last of them.", deadSchema),
    ...problemResponses([
      ...TOKEN_PROBLEMS,
      "forbidden",
      "not_acceptable",
      "validation_failed",
      "dependency_unavailable",
    ]),
  },
});
