import { isGraphName } from "../../../domain/input/names.ts";
import type { PropertyValue } from "../../../domain/graph/value.ts";
import { isInteger } from "./number_kinds.ts";
import { keysOf } from "./node_ids.ts";
import { quoted } from "./quoted.ts";
import type { Run } from "./store.ts";

/** A node as the engine gives it: its properties stand beside what it says of itself. */
export interface EngineNode {
  readonly _id: number;
  readonly _labels: readonly string[];
  readonly [property: string]: unknown;
}

/** A relationship, likewise. */
export interface EngineRelationship {
  readonly _id: number;
  readonly _type: string;
  readonly _source: number;
  readonly _target: number;
  readonly [property: string]: unknown;
}

interface EnginePath {
  readonly nodes: readonly EngineNode[];
  readonly edges: readonly EngineRelationship[];
}

/** What a map is made that looks like an entity and is none. */
export class PlainMap {}

export function isEngineNode(value: unknown): value is EngineNode {
  return isEntity(value) && "_labels" in value && Array.isArray(value._labels) &&
    value._labels.every((label) => typeof label === "string");
}

export function isEngineRelationship(value: unknown): value is EngineRelationship {
  return isEntity(value) && "_source" in value && isId(value._source) &&
    "_target" in value && isId(value._target) &&
    "_type" in value && typeof value._type === "string";
}

export function isEnginePath(value: object): value is EnginePath {
  return "nodes" in value && "edges" in value && Object.keys(value).length === 2 &&
    Array.isArray(value.nodes) && value.nodes.every(isEngineNode) &&
    Array.isArray(value.edges) && value.edges.every(isEngineRelationship) &&
    value.nodes.length === value.edges.length + 1;
}

function isEntity(value: unknown): value is { readonly _id: number } {
  return typeof value === "object" && value !== null && !(value instanceof PlainMap) &&
    "_id" in value && isId(value._id);
}

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Properties of one kind of entity whose numbers may be FLOAT: name → ids. */
class Doubts {
  readonly #ids = new Map<string, Set<number>>();
  readonly #floats = new Set<string>();

  collect(id: number, properties: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(properties)) {
      if (!isGraphName(name)) continue;
      const first = Array.isArray(value) ? value.find((item) => item !== null) : value;
      if (!Number.isInteger(first)) continue;
      const kind = `${Array.isArray(value) ? "list" : "one"} ${name}`;
      this.#ids.set(kind, (this.#ids.get(kind) ?? new Set()).add(id));
    }
  }

  /** Asks for each property which of its holders have a FLOAT there. */
  async look(run: Run, match: string): Promise<void> {
    for (const [kind, ids] of this.#ids) {
      const [shape = "", name = ""] = kind.split(" ");
      const value = `x.${quoted(name)}${shape === "list" ? "[0]" : ""}`;
      const statement = `${match} AND NOT ${isInteger(value)} RETURN id(x)`;
      for (const [id] of (await run(statement, { ids: [...ids] })).rows()) {
        this.#floats.add(`${id} ${name}`);
      }
    }
  }

  typed(id: number, properties: Readonly<Record<string, unknown>>): Record<string, PropertyValue> {
    const entries = Object.entries(properties).map(([name, value]) => [
      name,
      this.#floats.has(`${id} ${name}`) ? value : withIntegers(value),
    ]);
    return Object.fromEntries(entries);
  }
}

/** A list holds scalars of one kind: where one item has a fraction, all are FLOAT. */
function withIntegers(value: unknown): unknown {
  if (Array.isArray(value)) {
    const fraction = value.some((item) => typeof item === "number" && !Number.isSafeInteger(item));
    return fraction ? value : value.map(withIntegers);
  }
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(value as number) : value;
}

/** What has to be looked up of the nodes and relationships in an answer before it can be told. */
export class Entities {
  readonly #nodes = new Doubts();
  readonly #relationships = new Doubts();
  readonly #sources = new Set<number>();
  readonly #ends = new Set<number>();
  #keys: ReadonlyMap<number, string> = new Map();

  collect(value: unknown): void {
    if (typeof value !== "object" || value === null) return;
    if (isEngineNode(value)) {
      const { _id, _labels, ...properties } = value;
      this.#nodes.collect(_id, properties);
    } else if (isEngineRelationship(value)) {
      this.collectRelationship(value);
    } else {
      for (const inner of Object.values(value)) this.collect(inner);
    }
  }

  collectRelationship({ _id, _source, _target, _type, ...properties }: EngineRelationship): void {
    this.#relationships.collect(_id, properties);
    this.#sources.add(_source);
    this.#ends.add(_source).add(_target);
  }

  async look(run: Run): Promise<void> {
    await this.#nodes.look(run, "MATCH (x) WHERE id(x) IN $ids");
    const sources = [...this.#sources];
    await this.#relationships.look(
      (statement, { ids } = {}) => run(statement, { ids, sources }),
      "MATCH (a)-[x]->() WHERE id(a) IN $sources AND id(x) IN $ids",
    );
    if (this.#ends.size > 0) this.#keys = await keysOf(run, [...this.#ends]);
  }

  /** Whether a relationship's end is still there, and has a key. */
  hasKey(id: number): boolean {
    return this.#keys.has(id);
  }

  /** A node's key, or its id where it has none. */
  keyOf(id: number): string {
    return this.#keys.get(id) ?? String(id);
  }

  nodeProperties(
    id: number,
    properties: Readonly<Record<string, unknown>>,
  ): Record<string, PropertyValue> {
    return this.#nodes.typed(id, properties);
  }

  relationshipProperties(
    id: number,
    properties: Readonly<Record<string, unknown>>,
  ): Record<string, PropertyValue> {
    return this.#relationships.typed(id, properties);
  }
}
