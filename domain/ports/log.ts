/** How much a line matters. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** A value that a log line may carry. Never code, tokens or other secrets. */
export type LogField = string | number | boolean | null | readonly string[];

/** Writes structured log lines, one event name each (`snake_case`). Never throws and never waits. */
export interface Log {
  write(level: LogLevel, event: string, fields?: Readonly<Record<string, LogField>>): void;
}
