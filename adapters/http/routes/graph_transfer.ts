import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Application } from "../../../application/application.ts";
import type { EntryCounts, GraphExport } from "../../../application/export_graph.ts";
import type { ImportLine } from "../../../application/import_graph.ts";
import type { Log } from "../../../domain/ports/log.ts";
import { endLine, entryLine, lineContent, NDJSON, problemLine } from "../../wire/graph_lines.ts";
import { graphImportedSchema } from "../../wire/graph_schemas.ts";
import { answerJson } from "../answer.ts";
import { type HttpEnv, requestContext } from "../environment.ts";
import { pieceStream } from "../piece_stream.ts";
import { acceptsJson, acceptsOneOf } from "../middleware/acceptance.ts";
import { permitted } from "../middleware/authentication.ts";
import type { BodyPace } from "../middleware/body_pace.ts";
import { bodyLines } from "../middleware/body_lines.ts";
import { requireType } from "../middleware/json_body.ts";
import {
  BEARER,
  GRAPH_PROBLEMS,
  jsonResponse,
  problemResponses,
  TOKEN_PROBLEMS,
} from "../openapi.ts";
import { problemFor } from "../problem.ts";

/** What the routes take. */
export interface GraphTransferParts {
  readonly application: Application;
  readonly log: Log;
  /** Of a line of an import; how many lines there are is not bounded. */
  readonly maxBodyBytes: number;
  readonly bodyPace: BodyPace;
}

/** `GET /api/v1/graph/export` and `POST /api/v1/graph/import`. */
export function addGraphTransferRoutes(
  app: OpenAPIHono<HttpEnv>,
  parts: GraphTransferParts,
): void {
  const { application } = parts;
  app.openAPIRegistry.registerPath(exportRoute);
  app.get(exportRoute.path, ...exportRoute.middleware, async (c) => {
    // Nobody would read it.
    if (c.req.raw.method === "HEAD") return new Response(null, { headers: EXPORT_HEADERS });
    const exported = await application.exportGraph(requestContext(c));
    const body = await pieceStream(linesOf(exported, c, parts.log));
    return new Response(body, { headers: EXPORT_HEADERS });
  });
  app.openapi(importRoute, async (c) => {
    requireType(c, NDJSON);
    const imported = await application.importGraph(importLines(c, parts), requestContext(c));
    const { nodes, relationships, lines } = imported;
    return answerJson({ nodes: { ...nodes }, relationships: { ...relationships }, lines }, 200);
  });
}

const EXPORT_HEADERS = { "content-type": NDJSON, "cache-control": "no-store" };

/** A file that breaks off has no line of its end; its reader is told why, if it still reads. */
async function* linesOf(
  exported: GraphExport,
  c: Context<HttpEnv>,
  log: Log,
): AsyncGenerator<string> {
  try {
    yield endLine(yield* entryLines(exported));
  } catch (error) {
    const problem = problemFor(error, c, log);
    const { code, correlation_id } = problem;
    log.write("warn", "graph_export_failed", { code, correlation_id });
    yield problemLine(problem);
  }
}

async function* entryLines(exported: GraphExport): AsyncGenerator<string, EntryCounts> {
  try {
    while (true) {
      const { done, value } = await exported.next();
      if (done) return value;
      yield entryLine(value);
    }
  } finally {
    // Its reader may have left in between; after the end this does nothing.
    await exported.return({ nodes: 0, relationships: 0 });
  }
}

async function* importLines(
  c: Context<HttpEnv>,
  { maxBodyBytes, bodyPace }: GraphTransferParts,
): AsyncGenerator<ImportLine> {
  for await (const line of bodyLines(c.req.raw, { maxLineBytes: maxBodyBytes, pace: bodyPace })) {
    const { number, size } = line;
    if ("fault" in line) yield { number, size, faults: [{ pointer: "", ...line.fault }] };
    else yield { number, size, ...lineContent(line.text) };
  }
}

const FORMAT = `A JSON object a line: every node, then every relationship, then the end.

| \`kind\` | members | |
|---|---|---|
| \`node\` | \`key\`, \`labels\`, \`properties\` | |
| \`relationship\` | \`start\`, \`end\`, \`type\`, \`properties\` | |
| \`end\` | \`nodes\`, \`relationships\` | how many there were; a file without it is not whole |
| \`problem\` | \`problem\` | instead of the end, where an export could not be finished |

A number without \`.\` and \`e\` is an INTEGER, of all 64 bits.`;

const ndjson = { [NDJSON]: { schema: z.string().meta({ description: FORMAT }) } };

const exportRoute = createRoute({
  method: "get",
  path: "/api/v1/graph/export",
  summary: "The whole graph, as lines",
  description: "Streamed, however large it is.",
  security: BEARER,
  middleware: [permitted("graph:delete"), acceptsOneOf([NDJSON])] as const,
  responses: {
    200: { description: "Nodes, relationships and the end.", content: ndjson },
    ...problemResponses([...TOKEN_PROBLEMS, ...GRAPH_PROBLEMS]),
  },
});

const importRoute = createRoute({
  method: "post",
  path: "/api/v1/graph/import",
  summary: "Add what an export has told",
  description:
    "Streamed, and written in batches while it comes: what stands before a line that is " +
    "wrong is written. The same file once more changes nothing. Of any size; a line is bounded " +
    "by `MAX_BODY_MB`.",
  security: BEARER,
  middleware: [permitted("graph:delete"), acceptsJson()] as const,
  request: { body: { required: true, content: ndjson } },
  responses: {
    200: jsonResponse("All of it is written.", graphImportedSchema),
    ...problemResponses([
      ...TOKEN_PROBLEMS,
      ...GRAPH_PROBLEMS,
      "body_too_slow",
      "unsupported_media_type",
      "import_stopped",
    ]),
  },
});
