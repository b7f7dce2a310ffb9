import type { ExecutionRecord } from "../../domain/execution/outcome.ts";
import { NO_OUTPUT_FILES } from "../../domain/execution/files.ts";

/** A record from its text, which `save` wrote: its shape is not checked, but older programs knew less. */
export function parseRecord(json: string): ExecutionRecord {
  const unknown = { ...NO_OUTPUT_FILES, policyFindings: [] };
  return Object.assign(unknown, JSON.parse(json) as ExecutionRecord);
}
