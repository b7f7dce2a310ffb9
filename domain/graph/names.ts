import { isGraphName } from "../input/names.ts";

/** The label that every node of the service bears, and that no answer shows. */
export const INTERNAL_LABEL = "GraphNode";

/** The property that holds a node's key in the engine: statements name it, answers show it apart. */
export const KEY_PROPERTY = "key";

/** What names of the service's own in the engine begin with. */
export const INTERNAL_PREFIX = "_umcp_";

/** By which engines tell entities among the values of a row: a property of such a name would be lost there. */
const ENTITY_NAMES: ReadonlySet<string> = new Set([
  "_id",
  "_labels",
  "_source",
  "_target",
  "_type",
]);

/** What a name can stand for. */
export type GraphNameKind = "label" | "type" | "node property" | "relationship property";

/** What a name had to be; `null` where it is good for what it names. */
export function nameFault(name: string, kind: GraphNameKind): string | null {
  if (!isGraphName(name)) return "a name of 1 to 64 letters, digits and _, no digit first";
  // JavaScript's own: there are readers that would take it for something else than a name.
  if (name === "__proto__") return "another name: this one cannot be set";
  const taken = name.startsWith(INTERNAL_PREFIX) ||
    (kind === "label" && name === INTERNAL_LABEL) ||
    (kind === "node property" && name === KEY_PROPERTY) ||
    (kind.endsWith("property") && ENTITY_NAMES.has(name));
  return taken ? "another name: this one is the service's own" : null;
}
