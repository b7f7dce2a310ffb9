import type { CallToolResult } from "@modelcontextprotocol/server";
import type { z } from "zod";
import type { RequestContext } from "../../application/request_context.ts";
import type { GraphAnswer } from "../../domain/graph/query.ts";
import { validationFailed } from "../wire/faults.ts";
import { wireGraphRows, wireUpserted } from "../wire/graph.ts";
import { wireRow } from "../wire/graph_values.ts";
import { batchDraft, queryDraft } from "../wire/graph_drafts.ts";
import {
  graphQuerySchema,
  graphRowsSchema,
  graphUpsertedSchema,
  graphUpsertSchema,
} from "../wire/graph_schemas.ts";
import type { McpCall } from "../wire/mcp_call.ts";
import { answered } from "./answered.ts";
import type { McpReach, Registrar } from "./registrar.ts";
import { uncheckedBySdk } from "./shown_schema.ts";

/** What the text of an answer has at most, in UTF-16 units: it says the rows a second time. */
const MAX_TEXT_LENGTH = 1_048_576;

/** Makes what registers `graph_upsert` and `graph_query`. */
export function graphTools(): Registrar {
  const shownUpsert = uncheckedBySdk(graphUpsertSchema);
  const shownQuery = uncheckedBySdk(graphQuerySchema);
  return (server, reach) => {
    server.registerTool("graph_upsert", {
      title: "Remember in the graph",
      description:
        "Writes nodes, known by keys such as `person:ada`, and relationships between them " +
        "into the graph that all users share: all of it or nothing. What is there is added to: labels " +
        "are added, properties merged, null removes one. In one call 10,000 keys and items in all.",
      inputSchema: shownUpsert,
      outputSchema: graphUpsertedSchema,
      annotations: {
        readOnlyHint: false,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: false,
      },
    }, (args, context) => answered(reach, context, (call) => upsert(args, call, reach)));
    server.registerTool("graph_query", {
      title: "Ask the graph",
      description:
        "Runs one Cypher statement that only reads, such as `MATCH (n {key: $key})-[r]-(m) " +
        "RETURN n, type(r) AS type, m`, over the graph that all users share.",
      inputSchema: shownQuery,
      outputSchema: graphRowsSchema,
      annotations: {
        readOnlyHint: true,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: false,
      },
    }, (args, context) => answered(reach, context, (call) => query(args, call, reach)));
  };
}

async function upsert(
  args: unknown,
  { context }: McpCall<RequestContext>,
  { application }: McpReach,
): Promise<CallToolResult> {
  const draft = await batchDraft(checked(graphUpsertSchema, args));
  const upserted = wireUpserted(await application.upsertGraph(draft, context));
  const { nodes, relationships, metrics } = upserted;
  const text = `Nodes: ${nodes.created} created, ${nodes.updated} updated. Relationships: ` +
    `${relationships.created} created, ${relationships.updated} updated. The graph now has ` +
    `${metrics.node_count} nodes and ${metrics.relationship_count} relationships.`;
  return { content: [{ type: "text", text }], structuredContent: { ...upserted } };
}

async function query(
  args: unknown,
  { context, texts }: McpCall<RequestContext>,
  { application }: McpReach,
): Promise<CallToolResult> {
  const draft = queryDraft(checked(graphQuerySchema, args));
  const answer = await application.queryGraph(draft, context);
  const shown = rowsAsText(answer);
  const found = wireGraphRows(answer, (text) => texts.hold(text));
  const cut = found.truncated ? " There were more." : "";
  const count = found.results.length;
  const part = shown.rows < count
    ? ` The text has the first ${shown.rows}, structuredContent has all.`
    : "";
  return {
    content: [
      { type: "text", text: texts.hold(shown.text) },
      { type: "text", text: `${count} ${count === 1 ? "row" : "rows"}.${cut}${part}` },
    ],
    structuredContent: { ...found },
  };
}

/** An answer's first rows as JSON text, as many as there is room for, and how many these are. */
function rowsAsText({ columns, rows }: GraphAnswer): { text: string; rows: number } {
  const shown: string[] = [];
  let room = MAX_TEXT_LENGTH;
  for (const row of rows) {
    const text = JSON.stringify(wireRow(columns, row));
    room -= text.length + 1;
    if (room < 0) break;
    shown.push(text);
  }
  return { text: `[${shown.join(",")}]`, rows: shown.length };
}

function checked<Shape>(schema: z.ZodType<Shape>, args: unknown): Shape {
  const result = schema.safeParse(args ?? {});
  if (!result.success) throw validationFailed(result.error, args);
  return result.data;
}
