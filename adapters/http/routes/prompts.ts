import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Application } from "../../../application/application.ts";
import {
  promptQuerySchema,
  promptsSchema,
  renderedPromptSchema,
  wirePrompt,
  wireRenderedPrompt,
} from "../../wire/prompts.ts";
import { answerJson } from "../answer.ts";
import { type HttpEnv, requestContext } from "../environment.ts";
import { acceptsJson } from "../middleware/acceptance.ts";
import { permitted } from "../middleware/authentication.ts";
import { BEARER, jsonResponse, problemResponses, TOKEN_PROBLEMS } from "../openapi.ts";

const listRoute = createRoute({
  method: "get",
  path: "/api/v1/prompts",
  summary: "What agents can be told to do with the tools",
  description: "The same prompts as over MCP.",
  security: BEARER,
  middleware: [permitted("tools:read"), acceptsJson()] as const,
  responses: {
    200: jsonResponse("Every prompt, with its arguments.", promptsSchema),
    ...problemResponses([...TOKEN_PROBLEMS, "forbidden", "not_acceptable"]),
  },
});

const getRoute = createRoute({
  method: "get",
  path: "/api/v1/prompts/{slug}",
  summary: "A prompt with what it says",
  description:
    "Its arguments are the parameters of the query. They are data: each stays in its place.",
  security: BEARER,
  middleware: [permitted("tools:read"), acceptsJson()] as const,
  request: { params: z.object({ slug: z.string() }), query: promptQuerySchema },
  responses: {
    200: jsonResponse("The prompt.", renderedPromptSchema),
    ...problemResponses([
      ...TOKEN_PROBLEMS,
      "forbidden",
      "not_found",
      "not_acceptable",
      "validation_failed",
    ]),
  },
});

/** `GET /api/v1/prompts` and `GET /api/v1/prompts/{slug}`. */
export function addPromptRoutes(app: OpenAPIHono<HttpEnv>, application: Application): void {
  app.openapi(listRoute, async (c) => {
    const prompts = await application.listPrompts(requestContext(c));
    return answerJson({ prompts: prompts.map(wirePrompt) }, 200);
  });
  app.openapi(getRoute, async (c) => {
    const { slug } = c.req.valid("param");
    const asked = { slug, arguments: c.req.query(), keepPlaces: true };
    return answerJson(
      wireRenderedPrompt(await application.getPrompt(asked, requestContext(c))),
      200,
    );
  });
}
