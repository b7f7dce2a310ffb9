import type { LogField } from "../../domain/ports/log.ts";

/** The fields of one line. */
export type Fields = Readonly<Record<string, LogField>>;

/** Takes one field of a line. */
export type TakeField = (name: string, value: LogField) => void;

/** Gives what may be written of a line's fields, one after another. */
export type Redact = (event: string, fields: Fields, take: TakeField) => void;

/** Fields whose text comes from elsewhere: from libraries, other processes, the system. */
const FREE_TEXTS: ReadonlySet<string> = new Set([
  ...["reason", "reasons", "message", "stack", "cause", "text", "detail", "uri", "url"],
]);

/** What any line may say: where in a trace it was written. */
const TRACE = "trace_id";

const LONGEST_TEXT = 4000;
/** A shorter one would be found in words that tell nothing. */
const SHORTEST_SECRET = 6;
const REDACTED = "[redacted]";

/** What is looked at of a text: patterns are tried from each of its characters. */
const LONGEST_LOOK = 2 * LONGEST_TEXT;

// Each part has an end, so that none is read to the text's own from each place where it could begin.
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${REDACTED}`],
  [/\beyJ[\w-]{1,2000}\.[\w-]+\.[\w-]*/g, REDACTED],
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@'"]+@/gi, `$1${REDACTED}@`],
];

/**
 * Lets through what `events` lists, and nothing else: fields of an event that are not on its list go, and
 * all of an event that is not. Of texts from elsewhere it cuts `secrets` and what looks like one.
 */
export function redaction(
  events: Readonly<Record<string, readonly string[]>>,
  secrets: readonly string[] = [],
): Redact {
  const listed = new Map(Object.entries(events).map(([event, names]) => [event, new Set(names)]));
  const clean = cleaning(secrets);
  return (event, fields, take) => {
    const names = listed.get(event);
    let withheld = 0;
    for (const name of Object.keys(fields)) {
      const value = fields[name];
      if (value === undefined) continue;
      if (!names?.has(name) && name !== TRACE) withheld += 1;
      else take(name, FREE_TEXTS.has(name) ? cleaned(value, clean) : value);
    }
    if (withheld > 0) take("fields_withheld", withheld);
  };
}

/** Withholds nothing. */
export function unredacted(_event: string, fields: Fields, take: TakeField): void {
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (value !== undefined) take(name, value);
  }
}

function cleaned(value: LogField, clean: (text: string) => string): LogField {
  if (typeof value === "string") return clean(value);
  return Array.isArray(value) ? value.map(clean) : value;
}

/** Cuts `secrets`, and what looks like one, out of a text from elsewhere, and the text where it is long. */
export function cleaning(secrets: readonly string[]): (text: string) => string {
  // The longest first: one may be a part of another.
  const known = secrets.filter((secret) => secret.length >= SHORTEST_SECRET)
    .sort((left, right) => right.length - left.length);
  return (text) => {
    let rest = text;
    for (const secret of known) rest = rest.replaceAll(secret, REDACTED);
    const isCut = rest.length > LONGEST_LOOK;
    rest = rest.slice(0, LONGEST_LOOK);
    for (const [pattern, replacement] of PATTERNS) rest = rest.replace(pattern, replacement);
    // Where it was cut, half a secret may stand that looks like none.
    if (isCut) rest = rest.slice(0, LONGEST_TEXT - LONGEST_LOOK);
    return isCut || rest.length > LONGEST_TEXT ? `${rest.slice(0, LONGEST_TEXT)}…` : rest;
  };
}
