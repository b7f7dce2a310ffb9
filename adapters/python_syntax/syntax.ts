import type { Tree } from "@lezer/common";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Look, PythonProgram, PythonSyntax } from "../../domain/ports/python_syntax.ts";
import { parser } from "./grammar/tables.ts";
import { plainTree } from "./plain_tree.ts";

/** Texts of this many UTF-16 units and more are read one at a time. */
const LONG = 65_536;
/** Units of work that a step, which is about a token, counts for. */
const STEP = 3;
/** UTF-16 units of a token that count for one unit of work. */
const UNITS_READ = 64;

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
    parse(code, look) {
      if (code.length < LONG) return read(code, look);
      const parsed = last.then(async () => {
        await look.pause();
        return await read(code, look);
      });
      last = parsed.catch(() => {});
      return parsed;
    },
    turn: () => nextTurn(),
  };
}

async function read(code: string, look: Look): Promise<PythonProgram> {
  const text = normalized(code);
  const foreign = foreignEncoding(text);
  if (foreign !== null) return { kind: "unreadable", because: "syntax", at: foreign, text };
  const parsed = await parse(text, look);
  if (!("tree" in parsed)) return { kind: "unreadable", ...parsed, text };
  const conversion = plainTree(parsed.tree, text, look.work);
  for (;;) {
    const { done, value } = conversion.next();
    if (done) return { ...value, text };
    await look.pause();
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

/** The last step puts the tree together: it cannot be divided, and takes time for each token. */
async function parse(text: string, { work, pause }: Look): Promise<Parsed> {
  const reading = STRICT.startParse(text);
  let from = 0;
  try {
    while (!work.isOver) {
      const tree = reading.advance();
      if (tree !== null) return { tree };
      work.spend(STEP + (reading.parsedPos - from) / UNITS_READ);
      from = reading.parsedPos;
      if (work.isDue) await pause();
    }
    return { because: "size", at: reading.parsedPos };
  } catch (error) {
    // The grammar's only way of saying so; no other error is thrown by it.
    if (!(error instanceof SyntaxError)) throw error;
    return { because: "syntax", at: Math.min(reading.parsedPos, text.length) };
  }
}
