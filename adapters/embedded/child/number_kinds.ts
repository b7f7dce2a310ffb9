import type { ArrowType } from "./arrow_schema.ts";
import { isEngineNode, isEnginePath, isEngineRelationship } from "./entities.ts";

/** A step into every item of a list. */
export const ITEMS = "*";

/** A step to a map's key. */
export function keyStep(key: string): string {
  return `.${key}`;
}

/** A place in a column's values at which numbers stand that may be INTEGER or FLOAT. */
export interface Probe {
  readonly column: number;
  /** The column's name, as a statement can write it. */
  readonly name: string;
  readonly steps: readonly string[];
}

/** What the engine has said of the numbers from some place on: the steps that remain, and its answer. */
export type Kinds = readonly { readonly steps: readonly string[]; readonly answer: unknown }[];

/** Names that a statement can call a column by; one that has no alias cannot be called. */
const CALLABLE = /^[\p{L}_][\p{L}\p{N}_]*$/u;

/**
 * Whether a number of JavaScript may be either: from 2^53 on the engine gives INTEGER as bigint, and an
 * INTEGER is never -0.
 */
export function isUnclearNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

/** An expression for whether a value is INTEGER: no range is one of FLOATs. Nothing makes it fail. */
export function isInteger(expression: string): string {
  return `(range(${expression} * 0, ${expression} * 0) IS NOT NULL)`;
}

/** The places at which the schema does not tell: numbers of both kinds make FLOAT or text of a column. */
export function probesFor(
  rows: readonly (readonly unknown[])[],
  names: readonly string[],
  types: readonly ArrowType[],
): Probe[] {
  const probes: Probe[] = [];
  names.forEach((name, column) => {
    const seen = new Map<string, Found>();
    for (const row of rows) look(row[column], [], seen);
    for (const { steps, unclear, numbers } of seen.values()) {
      const { kind } = typeAt(types[column], steps);
      const told = kind === "integer" || (kind === "float" && numbers === 1);
      const callable = CALLABLE.test(name) && steps.every((step) => !/[`\\]/.test(step));
      if (unclear && !told && callable) probes.push({ column, name: `\`${name}\``, steps });
    }
  });
  return probes;
}

interface Found {
  readonly steps: readonly string[];
  unclear: boolean;
  numbers: number;
}

function look(value: unknown, steps: readonly string[], seen: Map<string, Found>): void {
  if (typeof value === "number" || typeof value === "bigint") {
    const place = JSON.stringify(steps);
    const found = seen.get(place) ?? { steps, unclear: false, numbers: 0 };
    seen.set(place, found);
    found.unclear ||= isUnclearNumber(value);
    found.numbers += 1;
  } else if (Array.isArray(value)) {
    for (const item of value) look(item, [...steps, ITEMS], seen);
  } else if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value)) {
    if (isEngineNode(value) || isEngineRelationship(value) || isEnginePath(value)) return;
    for (const [key, inner] of Object.entries(value)) look(inner, [...steps, keyStep(key)], seen);
  }
}

function typeAt(type: ArrowType | undefined, steps: readonly string[]): ArrowType {
  let at = type;
  for (const step of steps) at = step === ITEMS ? at?.item : at?.fields?.get(step.slice(1));
  return at ?? { kind: "other" };
}

/** The bounded statement's rows again, each with what the probes find. */
export function probingStatement(bounded: string, probes: readonly Probe[]): string {
  const columns = probes.map(({ name, steps }, at) => `${probing(name, steps)} AS probe${at}`);
  return `CALL {\n${bounded}\n} RETURN *, ${columns.join(", ")}`;
}

function probing(expression: string, [step, ...rest]: readonly string[]): string {
  if (step === undefined) return isInteger(expression);
  if (step !== ITEMS) return probing(`${expression}.\`${step.slice(1)}\``, rest);
  const item = `item${rest.length}`;
  return `[${item} IN ${expression} | ${probing(item, rest)}]`;
}

/** What was found for one column in one row. */
export function kindsIn(
  answers: readonly unknown[],
  probes: readonly Probe[],
  column: number,
): Kinds {
  if (answers.length === 0) return [];
  return probes.flatMap((probe, at) => {
    return probe.column === column ? [{ steps: probe.steps, answer: answers[at] }] : [];
  });
}

/** One step on; `index` is the item's. */
export function within(kinds: Kinds, step: string, index?: number): Kinds {
  if (kinds.length === 0) return kinds;
  return kinds.filter(({ steps }) => steps[0] === step).map(({ steps, answer }) => {
    const inner = index === undefined ? answer : (answer as unknown[] | null)?.[index];
    return { steps: steps.slice(1), answer: inner };
  });
}

/** Whether the number here is INTEGER; `undefined` where nothing was found. */
export function integerAt(kinds: Kinds): boolean | undefined {
  const [found] = kinds.filter(({ steps }) => steps.length === 0);
  return typeof found?.answer === "boolean" ? found.answer : undefined;
}
