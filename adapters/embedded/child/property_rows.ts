import type { PropertyChanges } from "../../../domain/graph/batch.ts";
import { inBatches } from "./node_ids.ts";
import { quoted } from "./quoted.ts";
import type { Run } from "./store.ts";

type Change = PropertyChanges[string];

/** A FLOAT to be set where one or two ids lead. */
export interface PropertyRow {
  readonly ids: readonly (number | undefined)[];
  readonly name: string;
  readonly value: number | readonly number[];
}

/**
 * Whether the engine would take a FLOAT, or a list of such, for INTEGER: it judges a number of JavaScript
 * by having no fraction.
 */
export function isIntegralFloat(value: Change): boolean {
  if (Array.isArray(value)) return value.some((item) => Number.isInteger(item));
  return Number.isInteger(value);
}

/** The changes that can be handed over as they are. */
export function withoutFloats(changes: ReadonlyMap<string, Change>): Record<string, unknown> {
  return Object.fromEntries([...changes].filter(([, value]) => !isIntegralFloat(value)));
}

/** Sets FLOATs as text that the engine itself turns into numbers, -0 included. */
export async function setFloats(
  run: Run,
  match: string,
  rows: readonly PropertyRow[],
): Promise<void> {
  const groups = Map.groupBy(rows, ({ name, value }) => `${Array.isArray(value)} ${name}`);
  for (const group of groups.values()) {
    const [{ name, value } = { name: "", value: 0 }] = group;
    const float = Array.isArray(value)
      ? "[item IN row.value | toFloat(item)]"
      : "toFloat(row.value)";
    const statement = `UNWIND $rows AS row ${match} SET x.${quoted(name)} = ${float}`;
    const given = group.map(({ ids: [a, b], value }) => ({ a, b, value: textOf(value) }));
    for (const some of inBatches(given)) await run(statement, { rows: some });
  }
}

function textOf(value: number | readonly number[]): string | string[] {
  if (typeof value === "number") return Object.is(value, -0) ? "-0.0" : String(value);
  return value.map((item) => textOf(item) as string);
}
