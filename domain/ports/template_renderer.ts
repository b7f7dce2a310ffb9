import type { TemplateRequest } from "../generation/template.ts";

/**
 * Fills templates in.
 *
 * Callers may ask at once; they wait for nobody's template but in a bounded queue, in which each of them
 * has turns. Rejects with `template_invalid` for whatever a template is or does wrong, the use of too
 * much time, memory or output among it; with `too_many_executions` where too much waits; with
 * `dependency_unavailable` and `shutting_down`; with `cancelled` once the signal is aborted, and then nothing goes on.
 */
export interface TemplateRenderer extends AsyncDisposable {
  /** `caller`: whose turn it is. */
  render(request: TemplateRequest, caller: string, signal: AbortSignal): Promise<string>;
}
