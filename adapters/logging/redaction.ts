import type { LogField } from "../../domain/ports/log.ts";

/** The fields of one line. */
export type Fields = Readonly<Record<string, LogField>>;

/** Gives of a line's fields what may be written. */
export type Redact = (event: string, fields: Fields) => Fields;

/** Fields whose text comes from elsewhere: from libraries, other processes, the system. */
const FREE_TEXTS: ReadonlySet<string> = new Set([
  ...["reason", "reasons", "message", "stack", "cause", "text", "detail", "uri", "url"],
]);

const LONGEST_TEXT = 4000;
/** A shorter one would be found in words that tell nothing. */
const SHORTEST_SECRET = 6;
const REDACTED = "[redacted]";

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${REDACTED}`],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, REDACTED],
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@'"]+@/gi, `$1${REDACTED}@`],
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
  // The longest first: one may be a part of another.
  const known = secrets.filter((secret) => secret.length >= SHORTEST_SECRET)
    .sort((left, right) => right.length - left.length);
  return (event, fields) => {
    const names = listed.get(event);
    const shown: Record<string, LogField> = {};
    let withheld = 0;
    for (const [name, value] of Object.entries(fields)) {
      if (!names?.has(name)) withheld += 1;
      else shown[name] = FREE_TEXTS.has(name) ? cleaned(value, known) : value;
    }
    return withheld === 0 ? shown : { ...shown, fields_withheld: withheld };
  };
}

function cleaned(value: LogField, secrets: readonly string[]): LogField {
  if (typeof value === "string") return cleanedText(value, secrets);
  return Array.isArray(value) ? value.map((text) => cleanedText(text, secrets)) : value;
}

function cleanedText(text: string, secrets: readonly string[]): string {
  let rest = text;
  for (const secret of secrets) rest = rest.replaceAll(secret, REDACTED);
  for (const [pattern, replacement] of PATTERNS) rest = rest.replace(pattern, replacement);
  return rest.length > LONGEST_TEXT ? `${rest.slice(0, LONGEST_TEXT)}…` : rest;
}
