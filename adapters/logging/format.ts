import type { LogField, LogLevel } from "../../domain/ports/log.ts";

/** One event, before it is text. */
export interface LogLine {
  /** ISO 8601 UTC with milliseconds; `null` when the clock could not tell. */
  readonly time: string | null;
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: Readonly<Record<string, LogField>>;
}

/** One JSON object without a line break. */
export function formatJson({ time, level, event, fields }: LogLine): string {
  const line = { time, level, event, ...fields };
  // Again, where they were among the fields: they stay first, and are what they are.
  if ("time" in fields || "level" in fields || "event" in fields) {
    Object.assign(line, { time, level, event });
  }
  return JSON.stringify(line);
}

/** `TIME LEVEL event name=value …`, on one line, with every control character escaped. */
export function formatPretty({ time, level, event, fields }: LogLine): string {
  const clock = time === null ? "--:--:--.---" : time.slice(11, 23);
  const pairs = Object.entries(fields).map(([name, value]) => `${plain(name)}=${shown(value)}`);
  return [clock, level.toUpperCase().padEnd(5), plain(event), ...pairs].join(" ");
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
