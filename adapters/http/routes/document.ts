import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { TypedResponse } from "hono";
import type { HttpEnv } from "../environment.ts";
import { toJson } from "../../wire/json.ts";
import { jsonResponse, openApiDocument, problemResponses } from "../openapi.ts";
import { SharedBody } from "../shared_body.ts";

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
  let document: SharedBody | undefined;
  app.openapi(documentRoute, () => {
    document ??= new SharedBody(toJson(openApiDocument(app, version)), "application/json");
    return document.answer() as Response & TypedResponse<{ openapi: string }, 200, "json">;
  });
}
