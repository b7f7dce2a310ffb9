import type { GraphBatch, GraphDeletion, PropertyChanges } from "../../domain/graph/batch.ts";
import {
  type GraphNameKind,
  INTERNAL_LABEL,
  INTERNAL_PREFIX,
  KEY_PROPERTY,
} from "../../domain/graph/names.ts";
import { isGraphName, isNodeKey } from "../../domain/input/names.ts";
import { ensureInteger, ensureWellFormed, refused } from "./text.ts";

/**
 * Names that could leave their place in a statement, and values that the database would change, are
 * refused here once more, whoever calls.
 *
 * @throws {DomainError} `validation_failed` at the first one.
 */
export function ensureWritable({ nodes, relationships }: GraphBatch): void {
  nodes.forEach(({ key, labels, properties }, at) => {
    const pointer = `/nodes/${at}`;
    if (!isNodeKey(key)) throw refused(`${pointer}/key`, "a key", shown(key));
    for (const label of labels) ensureName(label, "label", `${pointer}/labels`);
    ensureProperties(properties, "node property", `${pointer}/properties`);
  });
  relationships.forEach(({ type, properties }, at) => {
    const pointer = `/relationships/${at}`;
    ensureName(type, "type", `${pointer}/type`);
    ensureProperties(properties, "relationship property", `${pointer}/properties`);
  });
}

/** @throws {DomainError} `validation_failed` for a type that is no name. */
export function ensureDeletable({ relationships }: GraphDeletion): void {
  for (const { type } of relationships) ensureName(type, "type", "/relationships");
}

function ensureName(name: string, kind: GraphNameKind, pointer: string): void {
  const found = shown(name);
  if (!isGraphName(name)) throw refused(pointer, "a letter, then letters, digits and _", found);
  const taken = name.startsWith(INTERNAL_PREFIX) ||
    (kind === "label" && name === INTERNAL_LABEL) ||
    (kind === "node property" && name === KEY_PROPERTY);
  if (taken) throw refused(pointer, "a name of your own", found);
}

function ensureProperties(changes: PropertyChanges, kind: GraphNameKind, pointer: string): void {
  for (const [name, value] of Object.entries(changes)) {
    ensureName(name, kind, pointer);
    for (const item of [value].flat()) {
      if (typeof item === "string") ensureWellFormed(item, `${pointer}/${name}`);
      if (typeof item === "bigint") ensureInteger(item, `${pointer}/${name}`);
    }
  }
}

function shown(name: string): string {
  return `'${name.length > 80 ? `${name.slice(0, 80)}…` : name}'`;
}
