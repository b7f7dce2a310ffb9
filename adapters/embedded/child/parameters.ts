import { DomainError } from "../../../domain/errors.ts";
import type { ParameterValue } from "../../../domain/graph/value.ts";
import type { Parameters } from "./store.ts";

/** Deeper ones would end the process. */
const MAX_LEVELS = 100;
const LARGEST = 2n ** 63n - 1n;

/** All that can stand in a statement where a `$` means nothing, and parameters themselves. */
const TOKENS =
  /'(?:\\[^]|[^'\\])*'|"(?:\\[^]|[^"\\])*"|`[^`]*`|\/\/[^\n]*|\/\*[^]*?\*\/|\$(?:`[^`]*`|[\p{L}\p{N}_]+)/gu;

/** A statement and parameters that mean to the engine what the caller meant. */
export interface GivenStatement {
  readonly text: string;
  readonly parameters: Parameters;
  /** What stands in the text for a parameter's name: expression → name. */
  readonly expressions: ReadonlyMap<string, string>;
}

/**
 * The engine takes every number without a fraction for INTEGER. So FLOATs of that kind go as text, and
 * the statement turns them back where it names the parameter.
 *
 * @throws {DomainError} `query_invalid` for what the engine would take for something else.
 */
export function givenStatement(
  statement: string,
  parameters: Readonly<Record<string, ParameterValue>>,
): GivenStatement {
  const given: Record<string, unknown> = {};
  const byName = new Map<string, string>();
  for (const [name, value] of Object.entries(parameters)) {
    ensurePassable(value, `$${name}`);
    given[name] = hasIntegralFloat(value) ? withTexts(value) : value;
    if (hasIntegralFloat(value)) byName.set(`$${name}`, expressionOf(value, `$${name}`));
  }
  const text = byName.size === 0 ? statement : statement.replaceAll(TOKENS, (token) => {
    return byName.get(token.replaceAll("`", "")) ?? token;
  });
  const expressions = new Map([...byName].map(([name, expression]) => [expression, name]));
  return { text, parameters: given, expressions };
}

function ensurePassable(value: ParameterValue, place: string, level = 1): void {
  if (level > MAX_LEVELS) throw refused(place, `at most ${MAX_LEVELS} levels`);
  if (typeof value === "bigint" && (value > LARGEST || value < -LARGEST - 1n)) {
    throw refused(place, "an integer of 64 bits");
  }
  if (value === null || typeof value !== "object") return;
  const entries = Object.entries(value);
  if (!Array.isArray(value) && entries.length === 1 && entries[0]?.[0].startsWith("$")) {
    throw refused(place, "a map whose only key does not start with '$'");
  }
  for (const [key, inner] of entries) ensurePassable(inner, `${place}.${key}`, level + 1);
}

function refused(place: string, expected: string): DomainError {
  const message = `the parameter '${place.slice(0, 100)}' must be ${expected}`;
  return new DomainError({ code: "query_invalid", message, line: null, column: null });
}

function hasIntegralFloat(value: ParameterValue): boolean {
  if (value === null || typeof value !== "object") return Number.isInteger(value);
  return Object.values(value).some(hasIntegralFloat);
}

function withTexts(value: ParameterValue): unknown {
  if (Number.isInteger(value)) return Object.is(value, -0) ? "-0.0" : String(value);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(withTexts);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withTexts(inner)]));
}

function expressionOf(value: ParameterValue, place: string): string {
  if (!hasIntegralFloat(value)) return place;
  if (typeof value === "number") return `toFloat(${place})`;
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item === "number")) {
      return `[item IN ${place} | toFloat(item)]`;
    }
    return `[${value.map((item, at) => expressionOf(item, `${place}[${at}]`)).join(", ")}]`;
  }
  const entries = Object.entries(value ?? {}).map(([key, inner]) => {
    if (!/^[\p{L}\p{N}_ .:-]+$/u.test(key)) throw refused(place, "a map with plain keys");
    return `\`${key}\`: ${expressionOf(inner, `${place}.\`${key}\``)}`;
  });
  return `{${entries.join(", ")}}`;
}
