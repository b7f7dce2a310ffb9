import { canonicalPath, UNKNOWN } from "./rules.ts";
import { percent, sliced, textOf } from "./texts.ts";
import type { PythonNode } from "./python_tree.ts";
import type { Binding, Scope } from "./scope.ts";
import { MAX_VALUES, type Value } from "./values.ts";

type Values = readonly Value[];

const NOTHING: Values = [];

/** A call, with what its arguments may be. */
export interface Call {
  readonly node: PythonNode;
  /** The arguments that are given by place. */
  readonly plain: readonly PythonNode[];
  readonly values: readonly Values[];
  readonly scope: Scope;
}

/** The texts among what something may be. */
export function textsOf(values: Values): readonly string[] {
  return values.flatMap((value) => value.kind === "text" ? [value.text] : []);
}

/** What nothing is known of: its members are not known either, but have names. */
export const UNKNOWN_VALUE: Value = { kind: "path", path: UNKNOWN, told: false };

/** An instance of `pathlib.Path`. */
export const PATH = "pathlib.Path()";

/** The dictionary of the program's own names. */
export const GLOBALS = "globals()";

/** Functions that read a member of their first argument by the name in their second. */
export const GETATTR: ReadonlySet<string> = new Set([
  "builtins.getattr",
  "builtins.object.__getattribute__",
  "builtins.type.__getattribute__",
  "inspect.getattr_static",
]);

/** Functions that make readers of members or items. */
export const GETTERS: ReadonlyMap<string, "member" | "item"> = new Map([
  ["operator.attrgetter", "member"],
  ["operator.methodcaller", "member"],
  ["operator.itemgetter", "item"],
]);

/** Functions that give a module by its name. */
export const IMPORTERS: ReadonlySet<string> = new Set([
  "builtins.__import__",
  "importlib.import_module",
  "importlib.__import__",
]);

const PATH_CLASSES = new Set(["pathlib.Path", "pathlib.PosixPath", "pathlib.WindowsPath"]);
const PATH_METHODS =
  /^pathlib\.(Path|PosixPath)(\(\))?\.(cwd|home|joinpath|resolve|absolute|expanduser|with_name|with_stem|with_suffix|with_segments|relative_to|readlink|rename|replace|__truediv__|__enter__)$/;
const PATH_LISTS = /^pathlib\.Path\(\)\.(iterdir|glob|rglob)$/;
const PATH_MEMBERS = new Set(["pathlib.Path().parent"]);

/** What calling something known by a path gives. */
export function callResult(path: string, args: readonly Values[]): Values {
  const [first = NOTHING, second = NOTHING] = args;
  if (PATH_CLASSES.has(path) || PATH_METHODS.test(path)) return [pathValue(PATH)];
  if (PATH_LISTS.test(path)) return [{ kind: "items", items: [[pathValue(PATH)]] }];
  switch (path) {
    case "builtins.globals":
      return [pathValue(GLOBALS)];
    case "builtins.locals":
      return [pathValue(GLOBALS)];
    case "builtins.vars":
      return args.length === 0 ? [pathValue(GLOBALS)] : dictionariesOf(first);
    case "builtins.chr":
      return first.flatMap((value) => listed(characterOf(value)));
    case "builtins.str":
    case "builtins.tuple":
    case "builtins.list":
    case "builtins.iter":
      return first.filter(({ kind }) => kind === "text" || kind === "items");
    case "builtins.map":
      return first.some((value) => value.kind === "path" && value.path === "builtins.chr")
        ? second.flatMap((value) => listed(characters(value)))
        : NOTHING;
    case "builtins.reversed":
      return first.flatMap((value) => listed(reversed(value)));
    default:
      return NOTHING;
  }
}

/** The instance that a member is too, such as a path's parent. */
export function memberResult(path: string): string {
  return PATH_MEMBERS.has(path) ? PATH : path;
}

function pathValue(path: string): Value {
  return { kind: "path", path: canonicalPath(path), told: false };
}

function dictionariesOf(objects: Values): Values {
  return orUnknown(objects).map((object) => {
    const path = object.kind === "path" ? object.path : UNKNOWN;
    return pathValue(`${path}.__dict__`);
  });
}

function characterOf(value: Value): Value | null {
  const fits = value.kind === "number" && value.value >= 0 && value.value <= 0x10ffff;
  return fits ? textOf(String.fromCodePoint(value.value)) : null;
}

function characters(value: Value): Value | null {
  if (value.kind !== "items") return null;
  const items = value.items.map((item) => item.flatMap((one) => listed(characterOf(one))));
  return { kind: "items", items };
}

function reversed(value: Value): Value | null {
  if (value.kind === "text") return textOf([...value.text].toReversed().join(""));
  return value.kind === "items" ? { kind: "items", items: value.items.toReversed() } : null;
}

/** Texts and numbers as one text. */
export function together(pieces: readonly Values[]): Value | null {
  let text = "";
  for (const values of pieces) {
    const value = values.find(({ kind }) => kind === "text" || kind === "number");
    if (value?.kind !== "text" && value?.kind !== "number") return null;
    text += value.kind === "text" ? value.text : String(value.value);
  }
  return textOf(text);
}

/** Two texts, numbers or lists put together. */
export function combined(operator: string, left: Value, right: Value): Value | null {
  if (operator === "+" && left.kind === "text" && right.kind === "text") {
    return textOf(left.text + right.text);
  }
  if (operator === "+" && left.kind === "number" && right.kind === "number") {
    return { kind: "number", value: left.value + right.value };
  }
  if (operator === "%" && left.kind === "text") {
    const args = right.kind === "items" ? right.items.map(([first]) => first) : [right];
    const texts = args.flatMap((arg) => arg?.kind === "text" ? [arg.text] : []);
    return texts.length === args.length ? textOf(percent(left.text, texts)) : null;
  }
  return null;
}

/** The part of a text or list that bounds take. */
export function slicedValue(value: Value, bounds: readonly (number | null)[]): Value | null {
  if (value.kind === "text") return textOf(sliced([...value.text], bounds)?.join("") ?? null);
  const items = value.kind === "items" ? sliced(value.items, bounds) : null;
  return items === null ? null : { kind: "items", items };
}

/** What going through a value gives, one after the other. */
export function elements(value: Value): Values {
  if (value.kind === "items") return value.items.slice(0, MAX_VALUES).flat();
  return [];
}

/** What is annotated with a class is an instance of it. */
export function instances(value: Value): Values {
  return value.kind === "path" && PATH_CLASSES.has(value.path) ? [pathValue(PATH)] : NOTHING;
}

/** One value as several, none as none. */
export function listed(value: Value | null): Values {
  return value === null ? NOTHING : [value];
}

/** What is known of something, or that nothing is. */
export function orUnknown(values: Values): Values {
  return values.length === 0 ? [UNKNOWN_VALUE] : values;
}

/** The bindings that are followed of a name that has many. */
export function mostTelling(bindings: readonly Binding[]): readonly Binding[] {
  if (bindings.length <= 64) return bindings;
  const imported = bindings.filter(({ origin }) =>
    origin.how === "module" || origin.how === "member"
  );
  return [...imported.slice(0, 32), ...bindings.slice(0, 32)];
}

/** Whether it is `super()` or `super(…)`. */
export function isSuper({ kind, parts: [callee] }: PythonNode): boolean {
  return kind === "call" && callee?.kind === "name" && callee.name === "super";
}

/** Whether nobody asks such an expression for its class but to walk on. */
export function isLiteral({ kind }: PythonNode): boolean {
  return ["text", "format", "number", "sequence", "lambda", "comprehension"].includes(kind);
}
