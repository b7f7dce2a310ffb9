// The shapes of the graph, for HTTP and MCP alike. Lists of many items are checked here by their length
// alone, and item by item where drafts are made of them (`graph_drafts.ts`): so others have their turn.
import { z } from "@hono/zod-openapi";
import {
  MAX_LABELS,
  MAX_LIST_ITEMS,
  MAX_PROPERTIES,
  MAX_TEXT_LENGTH,
} from "../../domain/graph/check.ts";
import { MAX_ITEMS } from "../../domain/graph/draft.ts";
import { MAX_STATEMENT_LENGTH, QUERY_SECONDS, ROW_LIMIT } from "../../domain/graph/query_check.ts";
import type { WireValue } from "./raw_json.ts";

/** As documentation only: the domain judges keys, names and values. */
const key = () =>
  z.string().meta({ pattern: "^[A-Za-z_][A-Za-z0-9_:-]{0,63}$", examples: ["person:ada"] });
const name = () => z.string().meta({ pattern: "^[A-Za-z_][A-Za-z0-9_]{0,63}$" });

const VALUES =
  "A string, a boolean, an INTEGER of 64 bits (a number without `.` and `e`), a FLOAT, or a list " +
  `of one of these, at most ${MAX_LIST_ITEMS} long. Texts have at most ${MAX_TEXT_LENGTH} ` +
  "characters. `null` removes the property.";

const properties = () =>
  map().default({}).meta({
    type: "object",
    maxProperties: MAX_PROPERTIES,
    propertyNames: { pattern: "^[A-Za-z_][A-Za-z0-9_]{0,63}$" },
    additionalProperties: { type: ["string", "number", "boolean", "array", "null"] },
    description: VALUES,
    examples: [{ name: "Ada", born: 1815 }],
  });

/** A node to be made or added to. */
export const nodeSchema = z.strictObject({
  key: key().meta({ description: "By which it is found and told apart." }),
  labels: z.array(name()).default([]).meta({
    maxItems: MAX_LABELS,
    description: "Added to those that it has.",
  }),
  properties: properties(),
});

/** A relationship by what tells it apart. */
export const relationshipIdentitySchema = z.strictObject({
  start: key(),
  end: key(),
  type: name(),
});

/** A relationship to be made or added to. */
export const relationshipSchema = relationshipIdentitySchema.extend({ properties: properties() });

/** A batch whose items are still to be checked. */
export const graphUpsertSchema = z.strictObject({
  nodes: items(nodeSchema).meta({ description: "Made, or added to where their key is there." }),
  relationships: items(relationshipSchema).meta({
    description: "Between nodes of this batch or of the graph: one for each start, type and end.",
  }),
}).openapi("GraphBatch");

/** What is to be deleted; the items of `relationships` are still to be checked. */
export const graphDeleteSchema = z.strictObject({
  nodes: items(z.string()).meta({ description: "Keys; those that no node has are passed over." }),
  relationships: items(relationshipIdentitySchema),
  detach: z.boolean().default(false).meta({
    description: "Whether relationships of the nodes go with them.",
  }),
}).openapi("GraphDeletion");

/** A checked request to ask the graph. */
export interface GraphQueryRequest {
  cypher: string;
  parameters: Record<string, unknown>;
  limit: number;
  timeout_seconds: number;
}

/** A statement, with its numbers as numbers and those in its parameters by their kinds. */
export const graphQuerySchema: z.ZodType<GraphQueryRequest> = z.strictObject({
  cypher: z.string().meta({
    minLength: 1,
    maxLength: MAX_STATEMENT_LENGTH,
    description: "One statement that only reads.",
    examples: ["MATCH (p:Person) WHERE p.born < $year RETURN p.name AS name"],
  }),
  parameters: map().default({}).meta({
    type: "object",
    description: "By name, without the `$`. A number without `.` and `e` is an INTEGER.",
    examples: [{ year: 1900 }],
  }),
  limit: number().default(ROW_LIMIT.usual).meta({
    type: "integer",
    minimum: ROW_LIMIT.minimum,
    maximum: ROW_LIMIT.maximum,
    description: "Rows in the answer at most.",
  }),
  timeout_seconds: number().default(QUERY_SECONDS.usual).meta({
    minimum: QUERY_SECONDS.minimum,
    maximum: QUERY_SECONDS.maximum,
  }),
}).openapi("GraphQuery");

const countSchema = z.object({
  created: z.int().nonnegative(),
  updated: z.int().nonnegative(),
});

/** How much there is in the graph. */
export const graphMetricsSchema = z.object({
  node_count: z.int().nonnegative(),
  relationship_count: z.int().nonnegative(),
  labels: z.record(z.string(), z.int()).meta({ description: "Nodes by label." }),
  relationship_types: z.record(z.string(), z.int()),
  average_degree: z.number().meta({ description: "2 × relationships ÷ nodes." }),
}).openapi("GraphMetrics");

/** What an upsert has done. */
export const graphUpsertedSchema = z.object({
  nodes: countSchema,
  relationships: countSchema,
  metrics: graphMetricsSchema,
}).openapi("GraphUpserted");

/** What a deletion has done. */
export const graphDeletedSchema = z.object({
  nodes: z.int().nonnegative(),
  relationships: z.int().nonnegative(),
}).openapi("GraphDeleted");

/** What an import has done. */
export const graphImportedSchema = z.object({
  nodes: countSchema,
  relationships: countSchema,
  lines: z.int().nonnegative(),
}).openapi("GraphImported");

const wireValue = z.unknown() as z.ZodType<WireValue>;

/** What a statement has found. */
export const graphRowsSchema = z.object({
  results: z.array(z.record(z.string(), wireValue)).meta({
    description: "A row an object, by column. Nodes, relationships and paths say so in `_type`; " +
      "an INTEGER beyond 2^53, a FLOAT that is no number, and times are strings; a point is GeoJSON.",
  }),
  columns: z.array(z.string()),
  truncated: z.boolean().meta({ description: "Whether there were more rows than `limit`." }),
  cached: z.boolean(),
  duration_seconds: z.number().nonnegative(),
}).openapi("GraphRows");

/** The answers as they cross the wire. */
export type WireGraphRows = z.output<typeof graphRowsSchema>;
export type WireGraphUpserted = z.output<typeof graphUpsertedSchema>;
export type WireGraphMetrics = z.output<typeof graphMetricsSchema>;

function items(item: z.ZodType) {
  const expected = `at most ${MAX_ITEMS} items`;
  const { $schema: _dialect, ...shown } = z.toJSONSchema(item, { io: "input" });
  return z.array(z.unknown()).max(MAX_ITEMS, expected).default([])
    .meta({ maxItems: MAX_ITEMS, items: shown });
}

/** A number of either kind. */
function number() {
  return z.preprocess(
    (value) => typeof value === "bigint" ? Number(value) : value,
    z.number(),
  );
}

/** Not a record: zod would leave out a key called `__proto__`, and look at each of the others. */
function map(): z.ZodType<Record<string, unknown>, unknown> {
  return z.unknown().refine(isObject, "an object") as z.ZodType<Record<string, unknown>, unknown>;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
