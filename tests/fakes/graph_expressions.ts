import { DomainError } from "../../domain/errors.ts";
import type { GraphValue, ParameterValue } from "../../domain/graph/value.ts";
import type { Expression } from "./graph_cypher.ts";
import type { KeptGraph } from "./graph_maps.ts";

/** The variables of a row. */
export type Row = ReadonlyMap<string, GraphValue>;

/** What a statement's expressions are worked out from. */
export interface Scope extends KeptGraph {
  readonly parameters: Readonly<Record<string, ParameterValue>>;
}

/** What an expression stands for in a row. @throws {DomainError} `query_invalid`. */
export function valueOf(expression: Expression, row: Row, scope: Scope): GraphValue {
  switch (expression.is) {
    case "literal":
      return expression.value;
    case "parameter": {
      const { [expression.name]: value } = scope.parameters;
      if (value === undefined) throw invalid(`expected the parameter '${expression.name}'`);
      return asAnswer(value);
    }
    case "variable": {
      const value = row.get(expression.name);
      if (value === undefined) throw invalid(`'${expression.name}' is not defined`);
      return value;
    }
    case "property":
      return propertyOf(valueOf(expression.of, row, scope), expression.name);
    case "list":
      return expression.items.map((item) => valueOf(item, row, scope));
    case "map":
      return mapOf(expression.entries.map(([name, value]) => [name, valueOf(value, row, scope)]));
    case "call":
      return called(
        expression.function,
        expression.arguments.map((each) => {
          return valueOf(each, row, scope);
        }),
      );
  }
}

function asAnswer(value: ParameterValue): GraphValue {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(asAnswer);
  return mapOf(Object.entries(value).map(([name, inner]) => [name, asAnswer(inner)]));
}

function mapOf(entries: readonly (readonly [string, GraphValue])[]): GraphValue {
  return { kind: "map", entries: Object.fromEntries(entries) };
}

/** What a value holds by name: inside a statement a node's key is its property `key`. */
export function contents(value: GraphValue): Readonly<Record<string, GraphValue>> {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return {};
  if (!("kind" in value)) return {};
  if (value.kind === "node") return { ...value.properties, key: value.key };
  if (value.kind === "relationship") return value.properties;
  return value.kind === "map" ? value.entries : {};
}

function propertyOf(value: GraphValue, name: string): GraphValue {
  const held = contents(value);
  return Object.hasOwn(held, name) ? held[name] ?? null : null;
}

/** What `range()` stands for. @throws {DomainError} `query_invalid`. */
export function* integers(bounds: readonly GraphValue[]): Generator<bigint> {
  const [from, to, ...more] = bounds;
  const isRange = typeof from === "bigint" && typeof to === "bigint" && more.length === 0;
  if (!isRange) throw invalid("range() wants two INTEGERs");
  for (let item = from; item <= to; item++) yield item;
}

function called(name: string, given: readonly GraphValue[]): GraphValue {
  const [first = null] = given;
  const kept = first !== null && typeof first === "object" && "kind" in first ? first : null;
  if (first === null && ["labels", "type", "keys", "properties", "size"].includes(name)) {
    return null;
  }
  if (name === "labels" && kept?.kind === "node") return kept.labels;
  if (name === "type" && kept?.kind === "relationship") return kept.type;
  if (name === "keys" && kept !== null) return Object.keys(contents(kept));
  if (name === "properties" && kept !== null) return mapOf(Object.entries(contents(kept)));
  if (name === "size" && Array.isArray(first)) return BigInt(first.length);
  if (name === "range") return [...integers(given)];
  if (name === "rand") return Math.random();
  if (name === "randomuuid") return crypto.randomUUID();
  if (name === "timestamp") return BigInt(Date.now());
  throw invalid(`the fake has no function '${name}' for that`);
}

/** A statement that asks for what the fake does not have. */
export function invalid(message: string): DomainError {
  return new DomainError({ code: "query_invalid", message, line: null, column: null });
}

/** Less than, equal to or more than 0; `null` is more than all, and kinds do not mix in what tests ask. */
export function compared(a: GraphValue, b: GraphValue): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : 0;
  const [left, right] = [a, b].map((value) => typeof value === "string" ? value : shown(value));
  if (left === undefined || right === undefined) return 0;
  return left < right ? -1 : left > right ? 1 : 0;
}

function isNumber(value: GraphValue): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

/** A text that equal values share. */
export function shown(value: GraphValue): string {
  return JSON.stringify(value, (_, part) => typeof part === "bigint" ? `${part}n` : part);
}
