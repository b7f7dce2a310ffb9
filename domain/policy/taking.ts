import { LOOKS } from "./bindings.ts";
import { elements, instances, listed, slicedValue } from "./calls.ts";
import type { PythonNode } from "./python_tree.ts";
import type { Origin } from "./scope.ts";
import { textOf } from "./texts.ts";
import type { Value } from "./values.ts";
import type { Work } from "./work.ts";

type Values = readonly Value[];

const NOTHING: Values = [];

/** Where a name gets its value from an expression. */
export type ExpressionOrigin = Extract<Origin, { readonly indexes: readonly number[] }>;

/** What a name gets of what the expression may be that it is bound to. */
export function takenFrom({ how, indexes }: ExpressionOrigin, values: Values, work: Work): Values {
  let taken = how === "each" ? values.flatMap(elements) : values;
  work.spend(taken.length / LOOKS);
  if (how === "annotated") taken = taken.flatMap(instances);
  for (const index of indexes) {
    work.spend(taken.length / LOOKS);
    taken = taken.flatMap((value) =>
      value.kind === "items" ? value.items[index] ?? NOTHING : NOTHING
    );
  }
  return taken;
}

/** The item of a list or text at that place, counted from the end when negative. */
export function itemAt(value: Value, index: number): Values {
  if (value.kind === "items") return value.items.at(index) ?? NOTHING;
  return value.kind === "text" ? listed(textOf([...value.text].at(index) ?? null)) : NOTHING;
}

/** The part of a list or text that a slice takes whose bounds can be told. */
export function sliceOf(
  value: Value,
  { parts }: PythonNode,
  evaluate: (node: PythonNode) => Values,
): Values {
  const bounds: (number | null)[] = [];
  for (const bound of parts) {
    const [found] = evaluate(bound);
    if (bound.kind !== "none" && found?.kind !== "number") return NOTHING;
    bounds.push(found?.kind === "number" ? found.value : null);
  }
  return listed(slicedValue(value, bounds));
}
