import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Application } from "../../../application/application.ts";
import { cachesSchema, wireCaches } from "../../wire/caches.ts";
import { answerJson } from "../answer.ts";
import { type HttpEnv, requestContext } from "../environment.ts";
import { acceptsJson } from "../middleware/acceptance.ts";
import { permitted } from "../middleware/authentication.ts";
import { BEARER, jsonResponse, problemResponses, TOKEN_PROBLEMS } from "../openapi.ts";

const PROBLEMS = problemResponses([...TOKEN_PROBLEMS, "forbidden", "not_acceptable"]);

const getCachesRoute = createRoute({
  method: "get",
  path: "/api/v1/cache",
  summary: "How the caches fare",
  description: "Since the start, by name, for admins.",
  security: BEARER,
  middleware: [permitted("system:admin"), acceptsJson()] as const,
  responses: {
    200: jsonResponse("The statistics.", z.object({ caches: cachesSchema })),
    ...PROBLEMS,
  },
});

const clearCachesRoute = createRoute({
  method: "delete",
  path: "/api/v1/cache",
  summary: "Empty the caches",
  description: "All of them, for admins. What is being made meanwhile is not stored.",
  security: BEARER,
  middleware: [permitted("system:admin"), acceptsJson()] as const,
  responses: {
    200: jsonResponse(
      "They are empty.",
      z.object({ entries: z.int().nonnegative().meta({ description: "How many went." }) }),
    ),
    ...problemResponses([
      ...TOKEN_PROBLEMS,
      ...["forbidden", "not_acceptable", "dependency_unavailable", "circuit_open"] as const,
    ]),
  },
});

/** `GET` and `DELETE /api/v1/cache`. */
export function addCacheRoutes(app: OpenAPIHono<HttpEnv>, application: Application): void {
  app.openapi(getCachesRoute, async (c) => {
    const caches = wireCaches(await application.getCaches(requestContext(c)));
    return answerJson({ caches }, 200);
  });
  app.openapi(clearCachesRoute, async (c) => {
    return answerJson({ entries: await application.clearCaches(requestContext(c)) }, 200);
  });
}
