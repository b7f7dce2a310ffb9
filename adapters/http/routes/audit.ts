import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Application } from "../../../application/application.ts";
import { auditPageSchema, auditQuerySchema, auditSearch, wireAuditPage } from "../../wire/audit.ts";
import { answerJson } from "../answer.ts";
import { type HttpEnv, requestContext } from "../environment.ts";
import { acceptsJson } from "../middleware/acceptance.ts";
import { permitted } from "../middleware/authentication.ts";
import { BEARER, jsonResponse, problemResponses, TOKEN_PROBLEMS } from "../openapi.ts";

const auditRoute = createRoute({
  method: "get",
  path: "/api/v1/audit",
  summary: "Who did what",
  description: "The audit's events, newest first, for admins. To read them is an event too.",
  security: BEARER,
  middleware: [permitted("system:admin"), acceptsJson()] as const,
  request: { query: auditQuerySchema },
  responses: {
    200: jsonResponse("A page of events.", auditPageSchema),
    ...problemResponses([
      ...TOKEN_PROBLEMS,
      "forbidden",
      "not_acceptable",
      "validation_failed",
      "dependency_unavailable",
    ]),
  },
});

/** `GET /api/v1/audit`. */
export function addAuditRoute(app: OpenAPIHono<HttpEnv>, application: Application): void {
  app.openapi(auditRoute, async (c) => {
    const search = auditSearch(c.req.valid("query"));
    return answerJson(wireAuditPage(await application.searchAudit(search, requestContext(c))), 200);
  });
}
