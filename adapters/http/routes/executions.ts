import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Application } from "../../../application/application.ts";
import { isJob } from "../../../domain/execution/job.ts";
import type { FileCaps } from "../../../domain/execution/file_paths.ts";
import type { ExecutionLimits } from "../../../domain/execution/limits.ts";
import type { Log } from "../../../domain/ports/log.ts";
import { executeCodeCommand, wireExecution } from "../../wire/execution.ts";
import { foundExecutionSchema, wireStanding, wireStored } from "../../wire/jobs.ts";
import { executeCodeSchema, executionSchema } from "../../wire/schemas.ts";
import { answerLongJson } from "../answer.ts";
import { type HttpEnv, requestContext } from "../environment.ts";
import {
  acceptedType,
  acceptsJson,
  acceptsOneOf,
  type AnswerType,
} from "../middleware/acceptance.ts";
import { permitted } from "../middleware/authentication.ts";
import type { BodyPace } from "../middleware/body_pace.ts";
import { jsonBody } from "../middleware/json_body.ts";
import {
  BEARER,
  BODY_PROBLEMS,
  jsonResponse,
  problemResponses,
  TOKEN_PROBLEMS,
} from "../openapi.ts";
import { streamExecution } from "./execution_stream.ts";

/** What the routes of runs take. */
export interface ExecutionRoutesParts {
  readonly application: Application;
  readonly log: Log;
  readonly ceilings: ExecutionLimits;
  readonly fileCaps: FileCaps;
  readonly maxBodyBytes: number;
  /** How slowly a body may come. */
  readonly bodyPace: BodyPace;
}

/** `POST /api/v1/execute_code` and `GET /api/v1/executions/{id}`. */
export function addExecutionRoutes(app: OpenAPIHono<HttpEnv>, parts: ExecutionRoutesParts): void {
  const { application } = parts;
  app.openapi(executeCodeRoute(parts), async (c) => {
    const command = await executeCodeCommand(c.req.valid("json"));
    if (acceptedType(c, ANSWER_TYPES) === "text/event-stream") {
      return await streamExecution(c, command, parts);
    }
    const record = await application.executeCode(command, requestContext(c));
    return answerLongJson(await wireExecution(record), 200);
  });
  app.openapi(getExecutionRoute, async (c) => {
    const found = await application.getExecution(c.req.valid("param").id, requestContext(c));
    return answerLongJson(isJob(found) ? wireStanding(found) : await wireStored(found), 200);
  });
}

const ANSWER_TYPES: readonly AnswerType[] = ["application/json", "text/event-stream"];

const EVENTS = `The run as server-sent events, to a caller that asks for \`text/event-stream\`.

| event | data | |
|---|---|---|
| \`started\` | \`{id, language, created_at}\` | the run begins |
| \`stdout\`, \`stderr\` | \`{text}\` | what the program wrote, cut between characters |
| \`result\` | an \`Execution\` | the last event |
| \`problem\` | a \`Problem\` | the last event instead, when the run failed |

Closing the request ends the run. A reader that is slow makes the program wait.`;

const ended = jsonResponse("The run has ended, whatever the program did.", executionSchema);
const executionResponse = {
  ...ended,
  content: {
    ...ended.content,
    "text/event-stream": { schema: z.unknown().meta({ description: EVENTS }) },
  },
};

function executeCodeRoute(parts: ExecutionRoutesParts) {
  const schema = executeCodeSchema(parts.ceilings, parts.fileCaps);
  return createRoute({
    method: "post",
    path: "/api/v1/execute_code",
    summary: "Run a program in the sandbox",
    description: "A program that fails is an answer, not an error: see `outcome`.",
    security: BEARER,
    middleware: [
      permitted("tools:execute"),
      acceptsOneOf(ANSWER_TYPES),
      jsonBody(parts.maxBodyBytes, parts.bodyPace),
    ] as const,
    request: { body: { required: true, content: { "application/json": { schema } } } },
    responses: {
      200: executionResponse,
      ...problemResponses([
        ...TOKEN_PROBLEMS,
        ...BODY_PROBLEMS,
        "forbidden",
        "not_acceptable",
        "code_rejected",
        "too_many_executions",
        "language_unavailable",
        "dependency_unavailable",
        "shutting_down",
      ]),
    },
  });
}

const getExecutionRoute = createRoute({
  method: "get",
  path: "/api/v1/executions/{id}",
  summary: "A stored result, or where a queued run stands",
  description:
    "For its owner and for admins; for everyone else there is no such run. A queued run " +
    "is an `ExecutionStanding` until its result is there.",
  security: BEARER,
  middleware: [permitted("tools:read"), acceptsJson()] as const,
  request: { params: z.object({ id: z.uuid("a UUID") }) },
  responses: {
    200: jsonResponse("The stored result, or where it stands.", foundExecutionSchema),
    ...problemResponses([
      ...TOKEN_PROBLEMS,
      "forbidden",
      "not_found",
      "not_acceptable",
      "validation_failed",
      "dependency_unavailable",
      "shutting_down",
    ]),
  },
});
