import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { answerJson } from "../answer.ts";
import type { HttpEnv } from "../environment.ts";
import { jsonResponse, openApiDocument, problemResponses } from "../openapi.ts";

const documentRoute = createRoute({
  method: "get",
  path: "/openapi.json",
  summary: "This document",
  responses: {
    200: jsonResponse("OpenAPI 3.1.", z.object({ openapi: z.string() })),
    ...problemResponses(["rate_limited"]),
  },
});

/** `GET /openapi.json`. Made once, at the first request: by then every route stands in it. */
export function addDocumentRoute(app: OpenAPIHono<HttpEnv>, version: string): void {
  let document: ReturnType<typeof openApiDocument> | undefined;
  app.openapi(documentRoute, () => {
    document ??= openApiDocument(app, version);
    return answerJson(document, 200);
  });
}
