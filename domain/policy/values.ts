import type { PythonNode } from "./python_tree.ts";
import type { Scope } from "./scope.ts";

/** What an expression may be, as far as its text tells. */
export type Value =
  | {
    /** Something known by a path: a module, its member, `(…)` what calling that gave. */
    readonly kind: "path";
    readonly path: string;
    /** Whether a finding has been made of how it came about. */
    readonly told: boolean;
  }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "number"; readonly value: number }
  /** A list, tuple or set: what each of its items may be. */
  | { readonly kind: "items"; readonly items: readonly (readonly Value[])[] }
  | { readonly kind: "lambda"; readonly node: PythonNode; readonly scope: Scope }
  /** What reads a member, or an item, of these names from whatever it is called with. */
  | { readonly kind: "getter"; readonly of: "member" | "item"; readonly names: readonly string[] }
  /** A method of a text. */
  | { readonly kind: "text_method"; readonly text: string; readonly method: string };

/** More possibilities than this are not followed. */
export const MAX_VALUES = 16;

/** How many items of lists there are among values. */
export function sizeOf(values: readonly Value[]): number {
  return values.reduce((sum, value) => sum + (value.kind === "items" ? value.items.length : 0), 0);
}

/** Values without repetition, at most {@link MAX_VALUES}, those known by a path first. */
export function distinct(values: readonly Value[]): readonly Value[] {
  if (values.length < 2) return values;
  const seen = new Map<string, Value>();
  const sorted = [
    ...values.filter(({ kind }) => kind === "path"),
    ...values.filter(({ kind }) => kind !== "path"),
  ];
  for (const value of sorted) {
    if (seen.size === MAX_VALUES) break;
    seen.set(keyOf(value, seen.size), value);
  }
  return [...seen.values()];
}

function keyOf(value: Value, index: number): string {
  switch (value.kind) {
    case "path":
      return `path ${value.path}`;
    case "text":
      return `text ${value.text}`;
    case "number":
      return `number ${value.value}`;
    default:
      return `other ${index}`;
  }
}
