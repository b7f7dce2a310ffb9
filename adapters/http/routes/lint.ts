import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Application } from "../../../application/application.ts";
import { lintCodeSchema, lintResultSchema, wireLintResult } from "../../wire/lint.ts";
import { answerLongJson } from "../answer.ts";
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

/** What the route of linting takes. */
export interface LintRouteParts {
  readonly application: Application;
  readonly maxBodyBytes: number;
  /** How slowly a body may come. */
  readonly bodyPace: BodyPace;
}

/** `POST /api/v1/lint_code`. */
export function addLintRoute(app: OpenAPIHono<HttpEnv>, parts: LintRouteParts): void {
  app.openapi(lintCodeRoute(parts), async (c) => {
    const answer = await parts.application.lintCode(c.req.valid("json"), requestContext(c));
    return answerLongJson(wireLintResult(answer), 200);
  });
}

function lintCodeRoute({ maxBodyBytes, bodyPace }: LintRouteParts) {
  return createRoute({
    method: "post",
    path: "/api/v1/lint_code",
    summary: "Lint a text",
    description:
      "What is wrong with it, and what it defines and brings in. Nothing of it is run. A text " +
      "that does not parse is an answer, not an error.",
    security: BEARER,
    middleware: [
      permitted("tools:lint"),
      acceptsJson(),
      jsonBody(maxBodyBytes, bodyPace),
    ] as const,
    request: {
      body: { required: true, content: { "application/json": { schema: lintCodeSchema } } },
    },
    responses: {
      200: jsonResponse("It was linted, whatever was found.", lintResultSchema),
      ...problemResponses([
        ...TOKEN_PROBLEMS,
        ...BODY_PROBLEMS,
        "forbidden",
        "not_acceptable",
        "code_too_complex",
        "too_many_executions",
        "dependency_unavailable",
        "shutting_down",
      ]),
    },
  });
}
