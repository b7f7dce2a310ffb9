import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Application } from "../../../application/application.ts";
import { TEST_SECONDS } from "../../../application/run_tests.ts";
import type { FileCaps } from "../../../domain/execution/file_paths.ts";
import {
  runTestsCommand,
  runTestsSchema,
  testResultSchema,
  wireTestResult,
} from "../../wire/run_tests.ts";
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

/** What the routes of tests take. */
export interface TestRoutesParts {
  readonly application: Application;
  readonly fileCaps: FileCaps;
  readonly maxBodyBytes: number;
  readonly bodyPace: BodyPace;
}

/** `POST /api/v1/run_tests`. */
export function addTestRoutes(app: OpenAPIHono<HttpEnv>, parts: TestRoutesParts): void {
  app.openapi(runTestsRoute(parts), async (c) => {
    const command = await runTestsCommand(c.req.valid("json"));
    const record = await parts.application.runTests(command, requestContext(c));
    return answerLongJson(wireTestResult(record), 200);
  });
}

function runTestsRoute({ fileCaps, maxBodyBytes, bodyPace }: TestRoutesParts) {
  const schema = runTestsSchema(fileCaps, TEST_SECONDS);
  return createRoute({
    method: "post",
    path: "/api/v1/run_tests",
    summary: "Run tests in the sandbox",
    description: "Tests that fail, hang or crash are an answer, not an error: see `outcome` and " +
      "`cases`. Closing the request ends the run.",
    security: BEARER,
    middleware: [
      permitted("tools:test"),
      acceptsJson(),
      jsonBody(maxBodyBytes, bodyPace),
    ] as const,
    request: { body: { required: true, content: { "application/json": { schema } } } },
    responses: {
      200: jsonResponse("The tests have ended, whatever came of them.", testResultSchema),
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
