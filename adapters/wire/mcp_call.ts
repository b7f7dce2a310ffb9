import type { LongTexts } from "./long_texts.ts";

/** One authenticated MCP request, with its body already read. */
export interface McpCall<Context> {
  readonly context: Context;
  /** The parsed body of a POST. */
  readonly body?: unknown;
  /** What the answer's text holds back is put in where the answer is sent. */
  readonly texts: LongTexts;
}

/** Answers one authenticated MCP request; the answer's JSON text may still have live markup. */
export type AnswerMcp<Context> = (request: Request, call: McpCall<Context>) => Promise<Response>;
