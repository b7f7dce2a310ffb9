import type { Tree } from "@lezer/common";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { PythonProgram, PythonSyntax } from "../../domain/ports/python_syntax.ts";
import { parser } from "./grammar/tables.ts";
import { plainTree } from "./plain_tree.ts";

/** Texts of this many UTF-16 units and more are read one at a time. */
const LONG = 65_536;
const SLICE_MS = 4;
const STEPS_BETWEEN_LOOKS = 256;
/** A step is about a token. A program of 600 KiB has some 200,000; the last step takes time for each. */
const MAX_STEPS = 200_000;

/** Without recovery: what the grammar does not know ends the reading. */
const STRICT = parser.configure({ strict: true });

/**
 * A first or second line that says in which encoding the file is. The sandbox hands Python bytes, and
 * Python heeds it: in another encoding the program would be another one than is read here.
 */
const DECLARED = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/;
const SAME_ENCODINGS = /^(utf-?8(-.*)?|ascii|us-ascii|latin-?1|iso-8859-1|iso-latin-1)$/;

/** Python's syntax by a grammar for Lezer. */
export function createPythonSyntax(): PythonSyntax {
  let last: Promise<unknown> = Promise.resolve();
  return {
    parse(code) {
      if (code.length < LONG) return read(code);
      const parsed = last.then(() => read(code));
      last = parsed;
      return parsed;
    },
    turn: () => nextTurn(),
  };
}

async function read(code: string): Promise<PythonProgram> {
  const text = normalized(code);
  const foreign = foreignEncoding(text);
  if (foreign !== null) return { kind: "unreadable", because: "syntax", at: foreign, text };
  const parsed = await parse(text);
  if (!("tree" in parsed)) return { kind: "unreadable", ...parsed, text };
  const conversion = plainTree(parsed.tree, text);
  for (;;) {
    const { done, value } = conversion.next();
    if (done) return { ...value, text };
    await nextTurn();
  }
}

/** The text as Python's own reader hands it on. */
function normalized(code: string): string {
  const text = code.startsWith("\ufeff") ? code.slice(1) : code;
  return text.includes("\r") ? text.replaceAll(/\r\n?/g, "\n") : text;
}

function foreignEncoding(text: string): number | null {
  let at = 0;
  for (let line = 1; line <= 2; line += 1) {
    const end = text.indexOf("\n", at);
    const declared = DECLARED.exec(text.slice(at, end === -1 ? undefined : end))?.[1];
    const name = declared?.toLowerCase().replaceAll("_", "-");
    if (name !== undefined && !SAME_ENCODINGS.test(name)) return at;
    if (end === -1) return null;
    at = end + 1;
  }
  return null;
}

type Parsed = { readonly tree: Tree } | {
  readonly because: "syntax" | "size";
  readonly at: number;
};

async function parse(text: string): Promise<Parsed> {
  const reading = STRICT.startParse(text);
  let sliceEnd = performance.now() + SLICE_MS;
  try {
    for (let step = 1; step <= MAX_STEPS; step += 1) {
      const tree = reading.advance();
      if (tree !== null) return { tree };
      if (step % STEPS_BETWEEN_LOOKS === 0 && performance.now() > sliceEnd) {
        await nextTurn();
        sliceEnd = performance.now() + SLICE_MS;
      }
    }
    return { because: "size", at: reading.parsedPos };
  } catch (error) {
    // The grammar's only way of saying so; no other error is thrown by it.
    if (!(error instanceof SyntaxError)) throw error;
    return { because: "syntax", at: Math.min(reading.parsedPos, text.length) };
  }
}
