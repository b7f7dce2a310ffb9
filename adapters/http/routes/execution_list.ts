import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Application } from "../../../application/application.ts";
import {
  executionListQuerySchema,
  executionListSchema,
  executionPage,
  wireExecutionList,
} from "../../wire/execution_list.ts";
import { answerJson } from "../answer.ts";
import { type HttpEnv, requestContext } from "../environment.ts";
import { acceptsJson } from "../middleware/acceptance.ts";
import { permitted } from "../middleware/authentication.ts";
import { BEARER, jsonResponse, problemResponses, TOKEN_PROBLEMS } from "../openapi.ts";

const listRoute = createRoute({
  method: "get",
  path: "/api/v1/executions",
  summary: "One's own runs",
  description:
    "Stored results without what was written, and queued runs that have not ended; newest first. What " +
    "comes while somebody goes from page to page moves none of them.",
  security: BEARER,
  middleware: [permitted("tools:read"), acceptsJson()] as const,
  request: { query: executionListQuerySchema },
  responses: {
    200: jsonResponse("A page of them.", executionListSchema),
    ...problemResponses([
      ...TOKEN_PROBLEMS,
      "forbidden",
      "not_acceptable",
      "validation_failed",
      "dependency_unavailable",
      "shutting_down",
    ]),
  },
});

/** `GET /api/v1/executions`. */
export function addExecutionListRoute(app: OpenAPIHono<HttpEnv>, application: Application): void {
  app.openapi(listRoute, async (c) => {
    const page = executionPage(c.req.valid("query"));
    const listed = await application.listExecutions(page, requestContext(c));
    return answerJson(wireExecutionList(listed), 200);
  });
}
