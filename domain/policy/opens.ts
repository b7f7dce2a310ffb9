import type { PythonNode } from "./python_tree.ts";
import type { Value } from "./values.ts";

interface Opener {
  /** The place of the mode among the arguments. */
  readonly place: number;
  readonly keyword: string;
  readonly kind: "mode" | "flags";
}

const MODE_SECOND: Opener = { place: 1, keyword: "mode", kind: "mode" };
const MODE_FIRST: Opener = { place: 0, keyword: "mode", kind: "mode" };

/** Functions that open a file, by the mode that they are given. */
const OPENERS: ReadonlyMap<string, Opener> = new Map<string, Opener>([
  ["builtins.open", MODE_SECOND],
  ["io.FileIO", MODE_SECOND],
  ["codecs.open", MODE_SECOND],
  ["gzip.open", MODE_SECOND],
  ["bz2.open", MODE_SECOND],
  ["lzma.open", MODE_SECOND],
  ["pathlib.Path().open", MODE_FIRST],
  ["pathlib.Path.open", MODE_SECOND],
  ["os.fdopen", MODE_SECOND],
  ["os.open", { place: 1, keyword: "flags", kind: "flags" }],
]);

/** Functions that write a file whatever they are given. */
const WRITERS: ReadonlySet<string> = new Set(
  ["write_text", "write_bytes", "touch"].flatMap((name) => [
    `pathlib.Path().${name}`,
    `pathlib.Path.${name}`,
  ]),
);

const READ_FLAGS = new Set(
  ["RDONLY", "CLOEXEC", "DIRECTORY", "NOFOLLOW", "NONBLOCK", "PATH", "NOATIME", "BINARY", "NOCTTY"]
    .map((name) => `os.O_${name}`),
);

/** Whether a call of what is known by that path writes a file, or may. */
export function isForbiddenOpen(
  path: string,
  args: readonly PythonNode[],
  evaluate: (node: PythonNode) => readonly Value[],
): boolean {
  if (WRITERS.has(path)) return true;
  if (path === "functools.partial") return isForbiddenPartial(args, evaluate);
  const opener = OPENERS.get(path);
  return opener !== undefined && writes(opener, args, evaluate);
}

/** A partial call fixes what it is given; a mode that comes later cannot be told. */
function isForbiddenPartial(
  [called, ...args]: readonly PythonNode[],
  evaluate: (node: PythonNode) => readonly Value[],
): boolean {
  if (called === undefined) return false;
  return evaluate(called).some((value) => {
    const opener = value.kind === "path" ? OPENERS.get(value.path) : undefined;
    return opener !== undefined && writes({ ...opener }, args, evaluate);
  });
}

function writes(
  { place, keyword, kind }: Opener,
  args: readonly PythonNode[],
  evaluate: (node: PythonNode) => readonly Value[],
): boolean {
  const named = args.find((arg) => arg.kind === "keyword" && arg.name === keyword);
  const plain = args.filter((arg) => arg.kind !== "keyword");
  const spread = plain.findIndex((arg) => arg.kind === "spread");
  const mode = named?.parts[0] ?? plain[place];
  // What is spread over the mode's place cannot be told.
  if (named === undefined && spread !== -1 && spread <= place) return true;
  if (mode === undefined) return plain.some((arg) => arg.kind === "spread" && arg.name === "**");
  return kind === "flags" ? !isReadFlags(mode, evaluate) : !isReadMode(evaluate(mode));
}

function isReadMode(values: readonly Value[]): boolean {
  return values.length > 0 && values.every((value) => {
    return value.kind === "text" && !/[wax+]/.test(value.text);
  });
}

function isReadFlags(
  node: PythonNode,
  evaluate: (node: PythonNode) => readonly Value[],
): boolean {
  const waiting = [node];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.kind === "binary" && next.name === "|") waiting.push(...next.parts);
    else if (!isReadFlag(evaluate(next))) return false;
  }
  return true;
}

function isReadFlag(values: readonly Value[]): boolean {
  return values.length > 0 && values.every((value) => {
    if (value.kind === "number") return value.value === 0;
    return value.kind === "path" && READ_FLAGS.has(value.path);
  });
}
