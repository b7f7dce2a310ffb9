import { DomainError } from "../../../domain/errors.ts";
import type { GraphBatch, PropertyChanges } from "../../../domain/graph/batch.ts";
import { isGraphName } from "../../../domain/input/names.ts";
import { KEY } from "./store.ts";
import { ensureWellFormed } from "./well_formed.ts";

/** The label that the contract keeps for the service; there is none here, and nobody else may have it. */
const RESERVED_LABEL = "GraphNode";
/** Names under which the engine itself puts something beside the properties. */
const NODE_NAMES = new Set([KEY, "_id", "_labels"]);
const RELATIONSHIP_NAMES = new Set(["_id", "_type", "_source", "_target"]);
const LARGEST = 2n ** 63n - 1n;

/**
 * Names that could leave their place in a statement, and values that the engine would change, are refused
 * here once more, whoever calls.
 *
 * @throws {DomainError} `validation_failed` at the first one.
 */
export function ensureWritable({ nodes, relationships }: GraphBatch): void {
  nodes.forEach(({ key, labels, properties }, at) => {
    const pointer = `/nodes/${at}`;
    ensureWellFormed(key, `${pointer}/key`);
    for (const label of labels) {
      ensureName(label, `${pointer}/labels`);
      if (label === RESERVED_LABEL) throw refused(`${pointer}/labels`, "labels of your own", label);
    }
    ensureProperties(properties, `${pointer}/properties`, NODE_NAMES);
  });
  relationships.forEach(({ type, properties }, at) => {
    const pointer = `/relationships/${at}`;
    ensureName(type, `${pointer}/type`);
    ensureProperties(properties, `${pointer}/properties`, RELATIONSHIP_NAMES);
  });
}

/** @throws {DomainError} `validation_failed` for what is no label, type or property's name. */
export function ensureName(name: string, pointer: string): void {
  if (!isGraphName(name)) throw refused(pointer, "a letter, then letters, digits and _", name);
}

function ensureProperties(
  properties: PropertyChanges,
  pointer: string,
  taken: ReadonlySet<string>,
): void {
  for (const [name, value] of Object.entries(properties)) {
    ensureName(name, pointer);
    if (taken.has(name)) throw refused(pointer, "names of your own", name);
    for (const item of [value].flat()) {
      if (typeof item === "string") ensureWellFormed(item, `${pointer}/${name}`);
      if (typeof item === "bigint" && (item > LARGEST || item < -LARGEST - 1n)) {
        throw refused(`${pointer}/${name}`, "an integer of 64 bits", String(item));
      }
    }
  }
}

function refused(pointer: string, expected: string, name: string): DomainError {
  const found = `'${name.length > 80 ? `${name.slice(0, 80)}…` : name}'`;
  return new DomainError({ code: "validation_failed", errors: [{ pointer, expected, found }] });
}
