import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Application } from "../../../application/application.ts";
import { revokeTokenCommand, revokeTokenSchema } from "../../wire/revoke_token.ts";
import { type HttpEnv, requestContext } from "../environment.ts";
import { jsonBody } from "../middleware/json_body.ts";
import { BEARER, BODY_PROBLEMS, problemResponses, TOKEN_PROBLEMS } from "../openapi.ts";

/** An id and a time, with room for any way to write them. */
const MAX_BODY_BYTES = 16 * 1024;

const revokeTokenRoute = createRoute({
  method: "post",
  path: "/api/v1/tokens/revoke",
  summary: "Revoke a token",
  description: "One's own, or any for an admin. Refused from the answer on, until it expires.",
  security: BEARER,
  middleware: [jsonBody(MAX_BODY_BYTES)] as const,
  request: {
    body: { required: true, content: { "application/json": { schema: revokeTokenSchema } } },
  },
  responses: {
    204: { description: "The token is revoked." },
    ...problemResponses([...TOKEN_PROBLEMS, ...BODY_PROBLEMS, "forbidden"]),
  },
});

/** `POST /api/v1/tokens/revoke`. */
export function addTokenRoutes(app: OpenAPIHono<HttpEnv>, application: Application): void {
  app.openapi(revokeTokenRoute, async (c) => {
    await application.revokeToken(revokeTokenCommand(c.req.valid("json")), requestContext(c));
    return c.body(null, 204);
  });
}
