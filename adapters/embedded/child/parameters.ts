import { DomainError } from "../../../domain/errors.ts";
import type { ParameterValue } from "../../../domain/graph/value.ts";
import { withParameters } from "./lexical.ts";
import type { Parameters } from "./store.ts";
import { ensureWellFormed } from "./well_formed.ts";

/** Deeper ones would end the process. */
const MAX_LEVELS = 100;
const LARGEST = 2n ** 63n - 1n;

/** A statement and parameters that mean to the engine what the caller meant. */
export interface GivenStatement {
  readonly text: string;
  readonly parameters: Parameters;
  /** What stands in the text for a parameter's name: expression → name. */
  readonly expressions: ReadonlyMap<string, string>;
}

/**
 * The engine takes every number without a fraction for INTEGER, and a map with a key such as `$date` for
 * a value of its own. So FLOATs of that kind go as text and such maps as lists, and the statement makes
 * of them what they are where it names the parameter.
 *
 * @throws {DomainError} `query_invalid` or `validation_failed` for what the engine cannot hold.
 */
export function givenStatement(
  statement: string,
  parameters: Readonly<Record<string, ParameterValue>>,
): GivenStatement {
  const given: Record<string, unknown> = {};
  const byName = new Map<string, string>();
  for (const [name, value] of Object.entries(parameters)) {
    ensureWellFormed(name, `/parameters`);
    ensurePassable(value, `/parameters/${name}`);
    given[name] = isTakenAmiss(value) ? disguised(value) : value;
    if (isTakenAmiss(value)) byName.set(name, expressionOf(value, `$${name}`));
  }
  const text = byName.size === 0
    ? statement
    : withParameters(statement, (name) => byName.get(name));
  const expressions = new Map([...byName].map(([name, expression]) => [expression, `$${name}`]));
  return { text, parameters: given, expressions };
}

function ensurePassable(value: ParameterValue, place: string, level = 1): void {
  if (level > MAX_LEVELS) throw refused(place, `at most ${MAX_LEVELS} levels`);
  if (typeof value === "bigint" && (value > LARGEST || value < -LARGEST - 1n)) {
    throw refused(place, "an integer of 64 bits");
  }
  if (typeof value === "string") ensureWellFormed(value, place);
  if (value === null || typeof value !== "object") return;
  for (const [key, inner] of Object.entries(value)) {
    ensureWellFormed(key, place);
    ensurePassable(inner, `${place}/${key}`, level + 1);
  }
}

function refused(place: string, expected: string): DomainError {
  const message = `the parameter at '${place.slice(0, 100)}' must be ${expected}`;
  return new DomainError({ code: "query_invalid", message, line: null, column: null });
}

/** Whether the engine would take a value, or something in it, for something else. */
function isTakenAmiss(value: ParameterValue): boolean {
  if (value === null || typeof value !== "object") return Number.isInteger(value);
  return isTagLike(value) || Object.values(value).some(isTakenAmiss);
}

function isTagLike(value: object): boolean {
  return !Array.isArray(value) && Object.keys(value).some((key) => key.startsWith("$"));
}

/** What goes in its place: {@link expressionOf} makes the value of it again. */
function disguised(value: ParameterValue): unknown {
  if (Number.isInteger(value)) return Object.is(value, -0) ? "-0.0" : String(value);
  if (value === null || typeof value !== "object" || !isTakenAmiss(value)) return value;
  return Object.values(value).map(disguised);
}

function expressionOf(value: ParameterValue, place: string): string {
  if (value === null || !isTakenAmiss(value)) return place;
  if (typeof value !== "object") return `toFloat(${place})`;
  if (Array.isArray(value) && value.every((item) => typeof item === "number")) {
    return `[item IN ${place} | toFloat(item)]`;
  }
  const inner = Object.entries(value).map(([key, inner], at) => {
    const expression = expressionOf(inner, `${place}[${at}]`);
    return Array.isArray(value) ? expression : `${quotedKey(key, place)}: ${expression}`;
  });
  return Array.isArray(value) ? `[${inner.join(", ")}]` : `{${inner.join(", ")}}`;
}

function quotedKey(key: string, place: string): string {
  if (key === "" || /[`\\\p{Cc}]/u.test(key)) {
    throw refused(place, "a map with keys without backticks, backslashes and control characters");
  }
  return `\`${key}\``;
}
