import { isObject } from "../caching/plain_data.ts";
import type { GraphMetrics } from "./metrics.ts";
import type { GraphAnswer } from "./query.ts";

type Members = Readonly<Record<string, unknown>>;
type Check = (found: unknown) => boolean;

/** Whether something is what a statement has found, however deep it goes. */
export function isGraphAnswer(found: unknown): found is GraphAnswer {
  return isRecord(found) && isListOf(found["columns"], isText) &&
    isListOf(found["rows"], (row) => isListOf(row, isGraphValue)) &&
    typeof found["truncated"] === "boolean" && typeof found["repeatable"] === "boolean" &&
    isText(found["generation"]);
}

/** Whether something is metrics of a graph. */
export function isGraphMetrics(found: unknown): found is GraphMetrics {
  return isRecord(found) && isNumber(found["nodeCount"]) && isNumber(found["relationshipCount"]) &&
    isRecordOf(found["labels"], isNumber) && isRecordOf(found["relationshipTypes"], isNumber);
}

function isGraphValue(found: unknown): boolean {
  if (Array.isArray(found)) return found.every(isGraphValue);
  if (!isRecord(found)) return found === null || SCALARS.has(typeof found);
  const isOfKind = KINDS.get(found["kind"]);
  return isOfKind !== undefined && isOfKind(found);
}

const SCALARS = new Set(["string", "boolean", "bigint", "number"]);

const KINDS = new Map<unknown, (found: Members) => boolean>([
  ["node", isNode],
  ["relationship", isRelationship],
  [
    "path",
    ({ nodes, relationships }) =>
      isListOf(nodes, isNode) && isListOf(relationships, isRelationship),
  ],
  ["temporal", ({ iso }) => isText(iso)],
  ["point", ({ srid, coordinates }) => isNumber(srid) && isListOf(coordinates, isNumber)],
  ["map", ({ entries }) => isRecordOf(entries, isGraphValue)],
]);

function isNode(found: unknown): boolean {
  return isRecord(found) && (found["key"] === null || isText(found["key"])) &&
    isText(found["id"]) && isListOf(found["labels"], isText) &&
    isRecordOf(found["properties"], isGraphValue);
}

function isRelationship(found: unknown): boolean {
  return isRecord(found) && ["type", "start", "end"].every((name) => isText(found[name])) &&
    isRecordOf(found["properties"], isGraphValue);
}

function isRecord(found: unknown): found is Members {
  return isObject(found) && !Array.isArray(found);
}

function isListOf(found: unknown, check: Check): boolean {
  return Array.isArray(found) && found.every(check);
}

function isRecordOf(found: unknown, check: Check): boolean {
  return isRecord(found) && Object.values(found).every(check);
}

function isText(found: unknown): found is string {
  return typeof found === "string";
}

function isNumber(found: unknown): found is number {
  return typeof found === "number";
}
