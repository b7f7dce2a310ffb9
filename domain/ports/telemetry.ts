import type { Language } from "../execution/language.ts";
import type { Outcome } from "../execution/outcome.ts";

/** How a request for a run ended, started or not. */
export type ExecutionEnd = Outcome | "rejected" | "cancelled" | "error";

/** Something worth measuring, as data. Labels come from closed sets: no user text, no ids. */
export type Measurement =
  | { readonly kind: "http_request_started" }
  | {
    readonly kind: "http_request_finished";
    readonly method: string;
    /** The route's pattern, never the raw path. */
    readonly route: string;
    readonly status: number;
    readonly durationSeconds: number;
    /** Status 500 or above, or a broken connection. */
    readonly failed: boolean;
  }
  | {
    readonly kind: "execution_finished";
    readonly language: Language;
    readonly end: ExecutionEnd;
    /** Wall time of the program alone, in seconds; `null` when it never started. */
    readonly durationSeconds: number | null;
  }
  | { readonly kind: "execution_admitted"; readonly queueSeconds: number };

/** Takes measurements. Never throws and never waits. */
export interface Telemetry {
  record(measurement: Measurement): void;
}
