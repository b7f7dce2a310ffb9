import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Application } from "../../../application/application.ts";
import { graphRowsText, wireGraphMetrics, wireUpserted } from "../../wire/graph.ts";
import { batchDraft, deletionDraft, queryDraft } from "../../wire/graph_drafts.ts";
import {
  graphDeletedSchema,
  graphDeleteSchema,
  graphMetricsSchema,
  graphQuerySchema,
  graphRowsSchema,
  graphUpsertedSchema,
  graphUpsertSchema,
  type WireGraphRows,
} from "../../wire/graph_schemas.ts";
import { answerJson, answerPieces } from "../answer.ts";
import { type HttpEnv, requestContext } from "../environment.ts";
import { acceptsJson } from "../middleware/acceptance.ts";
import { permitted } from "../middleware/authentication.ts";
import type { BodyPace } from "../middleware/body_pace.ts";
import { BATCH_RULES, jsonBody, KINDS_RULES } from "../middleware/json_body.ts";
import {
  BEARER,
  BODY_PROBLEMS,
  GRAPH_PROBLEMS,
  jsonResponse,
  problemResponses,
  TOKEN_PROBLEMS,
} from "../openapi.ts";

/** What the routes of the graph take. */
export interface GraphRoutesParts {
  readonly application: Application;
  readonly maxBodyBytes: number;
  readonly bodyPace: BodyPace;
}

/** `POST /api/v1/graph_upsert`, `graph_query` and `graph_delete`, and `GET /api/v1/graph/metrics`. */
export function addGraphRoutes(app: OpenAPIHono<HttpEnv>, parts: GraphRoutesParts): void {
  const { application } = parts;
  app.openapi(upsertRoute(parts), async (c) => {
    const batch = await batchDraft(c.req.valid("json"));
    const upserted = await application.upsertGraph(batch, requestContext(c));
    return answerJson(wireUpserted(upserted), 200);
  });
  app.openapi(queryRoute(parts), async (c) => {
    const query = queryDraft(c.req.valid("json"));
    const found = await application.queryGraph(query, requestContext(c));
    return await answerPieces<WireGraphRows>(graphRowsText(found));
  });
  app.openapi(deleteRoute(parts), async (c) => {
    const deletion = await deletionDraft(c.req.valid("json"));
    const counts = await application.deleteFromGraph(deletion, requestContext(c));
    return answerJson({ ...counts }, 200);
  });
  app.openapi(metricsRoute, async (c) => {
    return answerJson(wireGraphMetrics(await application.graphMetrics(requestContext(c))), 200);
  });
}

function upsertRoute({ maxBodyBytes, bodyPace }: GraphRoutesParts) {
  return createRoute({
    method: "post",
    path: "/api/v1/graph_upsert",
    summary: "Remember nodes and relationships",
    description:
      "In one transaction, all or nothing. Labels are added, properties merged, `null` " +
      "removes one; once more changes nothing.",
    security: BEARER,
    middleware: [
      permitted("graph:upsert"),
      acceptsJson(),
      jsonBody(maxBodyBytes, bodyPace, BATCH_RULES),
    ] as const,
    request: {
      body: { required: true, content: { "application/json": { schema: graphUpsertSchema } } },
    },
    responses: {
      200: jsonResponse("Written, and how much there is now.", graphUpsertedSchema),
      ...problemResponses([
        ...TOKEN_PROBLEMS,
        ...BODY_PROBLEMS,
        ...GRAPH_PROBLEMS,
        "missing_endpoints",
      ]),
    },
  });
}

function queryRoute({ maxBodyBytes, bodyPace }: GraphRoutesParts) {
  return createRoute({
    method: "post",
    path: "/api/v1/graph_query",
    summary: "Ask the graph in Cypher",
    description: "One statement that only reads. The graph is one for all users.",
    security: BEARER,
    middleware: [
      permitted("graph:query"),
      acceptsJson(),
      jsonBody(maxBodyBytes, bodyPace, KINDS_RULES),
    ] as const,
    request: {
      body: { required: true, content: { "application/json": { schema: graphQuerySchema } } },
    },
    responses: {
      200: jsonResponse("What was found.", graphRowsSchema),
      ...problemResponses([
        ...TOKEN_PROBLEMS,
        ...BODY_PROBLEMS,
        ...GRAPH_PROBLEMS,
        "query_invalid",
        "query_not_read_only",
        "query_timeout",
      ]),
    },
  });
}

function deleteRoute({ maxBodyBytes, bodyPace }: GraphRoutesParts) {
  return createRoute({
    method: "post",
    path: "/api/v1/graph_delete",
    summary: "Forget nodes and relationships",
    description: "In one transaction, all or nothing. What is not there is passed over.",
    security: BEARER,
    middleware: [
      permitted("graph:delete"),
      acceptsJson(),
      jsonBody(maxBodyBytes, bodyPace, BATCH_RULES),
    ] as const,
    request: {
      body: { required: true, content: { "application/json": { schema: graphDeleteSchema } } },
    },
    responses: {
      200: jsonResponse("How many are gone.", graphDeletedSchema),
      ...problemResponses([
        ...TOKEN_PROBLEMS,
        ...BODY_PROBLEMS,
        ...GRAPH_PROBLEMS,
        "graph_conflict",
      ]),
    },
  });
}

const metricsRoute = createRoute({
  method: "get",
  path: "/api/v1/graph/metrics",
  summary: "How much there is in the graph",
  security: BEARER,
  middleware: [permitted("graph:query"), acceptsJson()] as const,
  responses: {
    200: jsonResponse("Counts, as they were at most a minute ago.", graphMetricsSchema),
    ...problemResponses([...TOKEN_PROBLEMS, ...GRAPH_PROBLEMS]),
  },
});
