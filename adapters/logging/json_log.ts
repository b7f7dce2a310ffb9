import type { Clock } from "../../domain/ports/clock.ts";
import type { Log, LogField, LogLevel } from "../../domain/ports/log.ts";
import { formatJson, formatPretty, type LogLine } from "./format.ts";
import { type Redact, unredacted } from "./redaction.ts";

/** How a log line looks: one JSON object, or text for a person. */
export type LogFormat = "json" | "pretty";

/** What {@link createLog} works with. */
export interface LogParts {
  /** Lines below this level are dropped. */
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly clock: Clock;
  /** What may be written of each event's fields. Default: all. */
  readonly redact?: Redact;
  /** Takes whole lines, one call at a time. Default: standard error. */
  readonly write?: (text: string) => Promise<void>;
}

/** A log that must be closed for its last lines to be seen. */
export interface BufferedLog extends Log, AsyncDisposable {}

const FLUSH_AFTER_MS = 50;
const FLUSH_AT_CHARACTERS = 32 * 1024;
// What is kept for a reader that has stopped reading; the rest is counted and dropped.
const KEPT_CHARACTERS = 1024 * 1024;

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/**
 * A log of one line an event, written in batches: every 50 ms, at 32 KiB, and at once for a warning
 * or an error. `write` never throws and never waits; a sink that fails costs its lines. A line
 * has `time` (ISO 8601 UTC), `level` and `event` first; fields of these names are ignored. Closing
 * writes what is pending; later lines are dropped.
 */
export function createLog(parts: LogParts): BufferedLog {
  return new BatchedLog(parts);
}

class BatchedLog implements BufferedLog {
  readonly #parts: LogParts;
  readonly #sink: (text: string) => Promise<void>;
  #pending: string[] = [];
  #pendingCharacters = 0;
  #dropped = 0;
  #told = { at: NaN, text: "" };
  #timer: ReturnType<typeof setTimeout> | null = null;
  #writing: Promise<void> | null = null;
  #closed = false;

  constructor(parts: LogParts) {
    this.#parts = parts;
    this.#sink = parts.write ?? writeToStandardError;
  }

  write(level: LogLevel, event: string, fields: Readonly<Record<string, LogField>> = {}): void {
    if (this.#closed || RANK[level] < RANK[this.#parts.level]) return;
    this.#append(this.#format({ level, event, fields }));
    if (RANK[level] >= RANK.warn || this.#pendingCharacters >= FLUSH_AT_CHARACTERS) this.#flush();
    else this.#flushSoon();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#flush();
    while (this.#writing !== null) await this.#writing;
  }

  #append(line: string): void {
    if (this.#pendingCharacters + line.length > KEPT_CHARACTERS) {
      this.#dropped += 1;
      return;
    }
    this.#pending.push(line);
    this.#pendingCharacters += line.length;
  }

  #format(line: Omit<LogLine, "time">): string {
    const { format, redact = unredacted } = this.#parts;
    const write = format === "json" ? formatJson : formatPretty;
    try {
      return write({ ...line, time: this.#time() }, redact) + "\n";
    } catch {
      // A clock or a field that breaks its type must cost the line's detail, not the caller.
      const fields = { logged_event: String(line.event), logged_level: String(line.level) };
      const event = "log_line_unreadable";
      return write({ time: null, level: "error", event, fields }, unredacted) + "\n";
    }
  }

  /** Many lines are of the same millisecond. */
  #time(): string {
    const now = this.#parts.clock.now();
    if (now !== this.#told.at) this.#told = { at: now, text: new Date(now).toISOString() };
    return this.#told.text;
  }

  #flushSoon(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => this.#flush(), FLUSH_AFTER_MS);
    Deno.unrefTimer(this.#timer);
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#writing !== null || this.#pending.length === 0) return;
    this.#writing = this.#drain().then(() => {
      this.#writing = null;
      this.#flush();
    });
  }

  async #drain(): Promise<void> {
    while (this.#pending.length > 0) {
      const text = this.#take();
      try {
        await this.#sink(text);
      } catch {
        // There is nowhere left to tell it.
      }
    }
  }

  #take(): string {
    const text = this.#pending.join("");
    this.#pending = [];
    this.#pendingCharacters = 0;
    if (this.#dropped === 0) return text;
    const fields = { lines: this.#dropped };
    this.#dropped = 0;
    return text + this.#format({ level: "warn", event: "log_lines_dropped", fields });
  }
}

async function writeToStandardError(text: string): Promise<void> {
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) rest = rest.subarray(await Deno.stderr.write(rest));
}
