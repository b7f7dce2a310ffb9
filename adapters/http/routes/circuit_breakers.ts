import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Application } from "../../../application/application.ts";
import {
  breakerActionSchema,
  circuitBreakerSchema,
  circuitBreakersSchema,
  wireBreaker,
} from "../../wire/circuit_breakers.ts";
import { answerJson } from "../answer.ts";
import { type HttpEnv, requestContext } from "../environment.ts";
import { acceptsJson } from "../middleware/acceptance.ts";
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

/** One word, with room for any way to write it. */
const MAX_BODY_BYTES = 16 * 1024;
const NAME_EXPECTED = "1 to 64 characters";

/** What the routes of circuit breakers take. */
export interface CircuitBreakerRoutesParts {
  readonly application: Application;
  readonly bodyPace: BodyPace;
}

const listRoute = createRoute({
  method: "get",
  path: "/api/v1/circuit_breakers",
  summary: "The circuit breakers, and what they have counted",
  security: BEARER,
  middleware: [permitted("system:admin"), acceptsJson()] as const,
  responses: {
    200: jsonResponse("All of them.", circuitBreakersSchema),
    ...problemResponses([...TOKEN_PROBLEMS, "forbidden", "not_acceptable"]),
  },
});

const paramsSchema = z.object({
  name: z.string().min(1, NAME_EXPECTED).max(64, NAME_EXPECTED).meta({ examples: ["graph_read"] }),
});

/** `GET /api/v1/circuit_breakers` and `POST /api/v1/circuit_breakers/{name}`. */
export function addCircuitBreakerRoutes(
  app: OpenAPIHono<HttpEnv>,
  { application, bodyPace }: CircuitBreakerRoutesParts,
): void {
  app.openapi(listRoute, async (c) => {
    const found = await application.listCircuitBreakers(requestContext(c));
    return answerJson({ circuit_breakers: found.map(wireBreaker) }, 200);
  });
  app.openapi(changeRoute(bodyPace), async (c) => {
    const command = { ...c.req.valid("param"), ...c.req.valid("json") };
    const changed = await application.changeCircuitBreaker(command, requestContext(c));
    return answerJson(wireBreaker(changed), 200);
  });
}

function changeRoute(pace: BodyPace) {
  return createRoute({
    method: "post",
    path: "/api/v1/circuit_breakers/{name}",
    summary: "Reset, open or disable a circuit breaker",
    description: "On this instance. What is open or disabled so stays it until it is reset.",
    security: BEARER,
    middleware: [
      permitted("system:admin"),
      acceptsJson(),
      jsonBody(MAX_BODY_BYTES, pace),
    ] as const,
    request: {
      params: paramsSchema,
      body: { required: true, content: { "application/json": { schema: breakerActionSchema } } },
    },
    responses: {
      200: jsonResponse("The breaker as it now stands.", circuitBreakerSchema),
      ...problemResponses([
        ...TOKEN_PROBLEMS,
        ...BODY_PROBLEMS,
        "forbidden",
        "not_found",
        "not_acceptable",
      ]),
    },
  });
}
