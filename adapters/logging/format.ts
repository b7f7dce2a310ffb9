import type { LogField, LogLevel } from "../../domain/ports/log.ts";
import type { Fields, TakeField } from "./redaction.ts";

/** One event, before it is text. */
export interface LogLine {
  /** ISO 8601 UTC with milliseconds; `null` when the clock could not tell. */
  readonly time: string | null;
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: Fields;
}

/** Gives the fields of a line that are to be written. */
type FieldsOf = (event: string, fields: Fields, take: TakeField) => void;

/** What a line says first; among its fields these are left out. */
const HEAD: ReadonlySet<string> = new Set(["time", "level", "event"]);

/**
 * One JSON object without a line break. It is put together by hand, from the fields as they come: half of
 * what a log costs was the objects in between.
 */
export function formatJson({ time, level, event, fields }: LogLine, fieldsOf: FieldsOf): string {
  const at = time === null ? null : `"${time}"`;
  let line = `{"time":${at},"level":${JSON.stringify(level)},"event":${JSON.stringify(event)}`;
  fieldsOf(event, fields, (name, value) => {
    if (!HEAD.has(name)) line += `,${JSON.stringify(name)}:${JSON.stringify(value)}`;
  });
  return line + "}";
}

/** `TIME LEVEL event name=value …`, on one line, with every control character escaped. */
export function formatPretty({ time, level, event, fields }: LogLine, fieldsOf: FieldsOf): string {
  const clock = time === null ? "--:--:--.---" : time.slice(11, 23);
  let line = `${clock} ${level.toUpperCase().padEnd(5)} ${plain(event)}`;
  fieldsOf(event, fields, (name, value) => {
    line += ` ${plain(name)}=${shown(value)}`;
  });
  return line;
}

function shown(value: LogField): string {
  if (typeof value === "string" && /^[\w.,:;/@%+-]+$/.test(value)) return value;
  return escapeControls(JSON.stringify(value));
}

function plain(name: string): string {
  return escapeControls(name.replaceAll(/\s/g, "_"));
}

/** Text that a user sent must not steer the terminal that shows it. */
function escapeControls(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
