import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Application } from "../../../application/application.ts";
import { revokeTokenCommand, revokeTokenSchema } from "../../wire/revoke_token.ts";
import { type HttpEnv, requestContext } from "../environment.ts";
import type { BodyPace } from "../middleware/body_pace.ts";
import { jsonBody } from "../middleware/json_body.ts";
import { BEARER, BODY_PROBLEMS, problemResponses, TOKEN_PROBLEMS } from "../openapi.ts";

/** An id and a time, with room for any way to write them. */
const MAX_BODY_BYTES = 16 * 1024;

/** What the route of tokens takes. */
export interface TokenRoutesParts {
  readonly application: Application;
  readonly bodyPace: BodyPace;
}

/** `POST /api/v1/tokens/revoke`. */
export function addTokenRoutes(app: OpenAPIHono<HttpEnv>, parts: TokenRoutesParts): void {
  app.openapi(revokeTokenRoute(parts.bodyPace), async (c) => {
    const command = revokeTokenCommand(c.req.valid("json"));
    await parts.application.revokeToken(command, requestContext(c));
    return c.body(null, 204);
  });
}

function revokeTokenRoute(pace: BodyPace) {
  return createRoute({
    method: "post",
    path: "/api/v1/tokens/revoke",
    summary: "Revoke a token",
    description: "One's own, or any for an admin. Refused from the answer on, until it expires.",
    security: BEARER,
    middleware: [jsonBody(MAX_BODY_BYTES, pace)] as const,
    request: {
      body: { required: true, content: { "application/json": { schema: revokeTokenSchema } } },
    },
    responses: {
      204: { description: "The token is revoked." },
      ...problemResponses([...TOKEN_PROBLEMS, ...BODY_PROBLEMS, "forbidden"]),
    },
  });
}
