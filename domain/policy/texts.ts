import type { Value } from "./values.ts";

/** Longer texts spell no name that a rule knows. */
const MAX_LENGTH = 512;

/** What a method of a text gives, where that can be told. */
export function textMethod(text: string, method: string, args: readonly Value[]): Value | null {
  const texts = args.flatMap((arg) => arg.kind === "text" ? [arg.text] : []);
  if (method === "join") return joined(text, args[0]);
  if (texts.length !== args.length) return null;
  const [first, second] = texts;
  switch (method) {
    case "lower":
    case "casefold":
      return textOf(text.toLowerCase());
    case "upper":
      return textOf(text.toUpperCase());
    case "swapcase":
      return textOf(swapped(text));
    case "strip":
    case "lstrip":
    case "rstrip":
      return first === undefined ? textOf(stripped(text, method)) : null;
    case "replace":
      return first === undefined || second === undefined
        ? null
        : textOf(text.replaceAll(first, () => second));
    case "removeprefix":
      return textOf(
        first !== undefined && text.startsWith(first) ? text.slice(first.length) : text,
      );
    case "format":
      return textOf(formatted(text, texts));
    case "encode":
    case "decode":
    case "__str__":
      return textOf(text);
    default:
      return null;
  }
}

/** The text as a value; `null` when it is too long to matter. */
export function textOf(text: string | null): Value | null {
  return text === null || text.length > MAX_LENGTH ? null : { kind: "text", text };
}

/** `"%s%s" % (…)`, where only whole texts are put in. */
export function percent(text: string, args: readonly string[]): string | null {
  let used = 0;
  const filled = text.replace(/%(.)/g, (whole, letter: string) => {
    if (letter === "%") return "%";
    used += 1;
    return letter === "s" ? args[used - 1] ?? whole : whole;
  });
  return used === args.length && !/%[^s]/.test(text.replaceAll("%%", "")) ? filled : null;
}

/** The part of a text or list that a slice takes; bounds count from the end when negative. */
export function sliced<T>(
  items: readonly T[],
  bounds: readonly (number | null)[],
): readonly T[] | null {
  const [lower = null, upper = null, step = null] = bounds;
  const by = step ?? 1;
  if (by === 0 || items.length > MAX_LENGTH) return null;
  const place = (bound: number | null, absent: number, least: number, most: number) => {
    if (bound === null) return absent;
    return Math.min(most, Math.max(least, bound < 0 ? bound + items.length : bound));
  };
  const taken: T[] = [];
  if (by > 0) {
    const end = place(upper, items.length, 0, items.length);
    for (let at = place(lower, 0, 0, items.length); at < end; at += by) {
      taken.push(...items.slice(at, at + 1));
    }
  } else {
    const end = place(upper, -1, -1, items.length - 1);
    const start = place(lower, items.length - 1, -1, items.length - 1);
    for (let at = start; at > end; at += by) taken.push(...items.slice(at, at + 1));
  }
  return taken;
}

function joined(text: string, list: Value | undefined): Value | null {
  if (list?.kind === "text") return textOf([...list.text].join(text));
  if (list?.kind !== "items") return null;
  const texts = list.items.flatMap((values) => {
    const [value] = values;
    return value?.kind === "text" && values.length === 1 ? [value.text] : [];
  });
  return texts.length === list.items.length ? textOf(texts.join(text)) : null;
}

function stripped(text: string, method: "strip" | "lstrip" | "rstrip"): string {
  if (method === "strip") return text.trim();
  return method === "lstrip" ? text.trimStart() : text.trimEnd();
}

function swapped(text: string): string {
  const swap = (letter: string) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
  return [...text].map(swap).join("");
}

function formatted(text: string, args: readonly string[]): string | null {
  let next = 0;
  let known = true;
  const filled = text.replace(/\{\{|\}\}|\{([^{}]*)\}/g, (whole, field: string | undefined) => {
    if (field === undefined) return whole.slice(1);
    const index = field === "" ? next++ : Number(field);
    const arg = /^\d*$/.test(field) ? args[index] : undefined;
    known &&= arg !== undefined;
    return arg ?? "";
  });
  return known ? filled : null;
}
