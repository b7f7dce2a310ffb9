import { z } from "@hono/zod-openapi";
import type { FieldFault } from "../../domain/errors.ts";
import type { GraphEntry } from "../../domain/graph/batch.ts";
import type { EntryDraft } from "../../domain/graph/draft.ts";
import type { PropertyValue } from "../../domain/graph/value.ts";
import { faultsAt } from "./faults.ts";
import { nodeSchema, relationshipSchema } from "./graph_schemas.ts";
import { escapeJsonText, toJson } from "./json.ts";
import { parseKinds } from "./lossless_json.ts";
import { exactIntegerJson, floatJson } from "./raw_json.ts";

/** The media type of exports and imports: a JSON object a line. */
export const NDJSON = "application/x-ndjson";

/** How many entries a file has, as its last line tells. */
export interface EndCounts {
  readonly nodes: number;
  readonly relationships: number;
}

/** What a line holds: an entry, the end, or why it is neither. */
export type LineContent =
  | { readonly entry: EntryDraft }
  | { readonly end: EndCounts }
  | { readonly faults: readonly FieldFault[] };

/** The line of an entry. INTEGERs keep all their digits, whatever most readers make of them. */
export function entryLine({ properties, ...entry }: GraphEntry): string {
  const wire = Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, exact(value)]),
  );
  return `${toJson({ ...entry, properties: wire })}\n`;
}

/** The last line of a whole file. */
export function endLine(counts: EndCounts): string {
  return `${JSON.stringify({ kind: "end", ...counts })}\n`;
}

/** The last line of a file that could not be finished: no reader takes it for the end. */
export function problemLine(problem: object): string {
  return `${escapeJsonText(JSON.stringify({ kind: "problem", problem }))}\n`;
}

/** What stands in the text of a line. */
export function lineContent(text: string): LineContent {
  let value: unknown;
  try {
    value = parseKinds(text);
  } catch {
    return faulty({ pointer: "", expected: "a JSON object", found: "text that is not JSON" });
  }
  const { kind, ...rest } = Object(value) as Readonly<Record<string, unknown>>;
  switch (kind) {
    case "node":
      return content(nodeSchema, rest, (node) => ({ entry: { kind, ...node } }));
    case "relationship":
      return content(relationshipSchema, rest, (found) => ({ entry: { kind, ...found } }));
    case "end":
      return content(endSchema, rest, (end) => ({ end }));
    default: {
      const expected = '"node", "relationship" or "end"';
      const found = typeof kind === "string" ? JSON.stringify(kind.slice(0, 40)) : "nothing";
      return faulty({ pointer: "/kind", expected, found });
    }
  }
}

const count = z.bigint("a whole number").transform(Number);
const endSchema = z.strictObject({ nodes: count, relationships: count });

function content<Shape>(
  schema: z.ZodType<Shape>,
  value: unknown,
  made: (shape: Shape) => LineContent,
): LineContent {
  const checked = schema.safeParse(value);
  return checked.success ? made(checked.data) : { faults: faultsAt(checked.error, value, []) };
}

function faulty(fault: FieldFault): LineContent {
  return { faults: [fault] };
}

function exact(value: PropertyValue | null): unknown {
  if (typeof value === "bigint") return exactIntegerJson(value);
  if (typeof value === "number") return floatJson(value);
  return typeof value === "object" && value !== null ? value.map(exact) : value;
}
