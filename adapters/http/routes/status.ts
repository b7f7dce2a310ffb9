import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Application } from "../../../application/application.ts";
import { statusSchema, wireStatus } from "../../wire/status.ts";
import { answerJson } from "../answer.ts";
import type { HttpEnv } from "../environment.ts";
import { acceptsJson } from "../middleware/acceptance.ts";
import { BEARER, jsonResponse, problemResponses, TOKEN_PROBLEMS } from "../openapi.ts";

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
