import type { TemplateFault } from "./messages.ts";

/** The engine's own name for a template that has none. */
const PLACE = / \(in <string>:(\d+)\)$/;
/** The line that the engine shows, and its marks below the place that it means. */
const SHOWN = /^ *\d+ > (.*)\n *i (.*?)(\^+) undefined value$/m;
/** A name, and what is looked up in it; behind `.` and `|` stands none. */
const NAME = /^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}\p{N}_]+|\[[^\[\]]+\])*$/u;
const NO_NAME_AFTER = /[.|]\s*$/;

const KNOWN: readonly [engine: RegExp, own: string][] = [
  [/^undefined value$/, "a value is undefined"],
  [/^engine ran out of fuel$/, "it takes more steps than a template may"],
  [/^template not found: .*"(.*)".*$/, "there is no other template: '$1' cannot be found"],
  [
    /^invalid operation: recursion limit exceeded$/,
    "it calls itself more often than a template may",
  ],
];

/** What is wrong with a template, of all that the engine says of it. */
export function faultIn(error: unknown): TemplateFault {
  const said = error instanceof Error ? error.message : String(error);
  const [first = ""] = said.split("\n", 1);
  const line = PLACE.exec(first)?.[1];
  const name = first.startsWith("undefined value") ? undefinedName(said) : null;
  return {
    message: name === null ? ownWords(first.replace(PLACE, "")) : `'${name}' is undefined`,
    line: line === undefined ? null : Number(line),
    name,
  };
}

function ownWords(said: string): string {
  const [engine, own] = KNOWN.find(([engine]) => engine.test(said)) ?? [];
  return engine === undefined || own === undefined ? said : said.replace(engine, own);
}

/** What stands above the marks. */
function undefinedName(said: string): string | null {
  const [, source = "", before = "", marks = ""] = SHOWN.exec(said) ?? [];
  const characters = [...source];
  if (NO_NAME_AFTER.test(characters.slice(0, before.length).join(""))) return null;
  const name = characters.slice(before.length, before.length + marks.length).join("");
  return NAME.test(name) ? name : null;
}
