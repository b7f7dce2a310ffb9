import type { LongTexts, ReaderFate } from "./long_texts.ts";
import type { ProblemCode } from "./problem_table.ts";

/** One authenticated MCP request, with its body already read. */
export interface McpCall<Context> {
  readonly context: Context;
  /** The parsed body of a POST. */
  readonly body?: unknown;
  /**
   * Whether a tool's answer shall begin before its result is there. On some connections only an answer
   * that has begun shows who has left. Default: false.
   */
  readonly beginsEarly?: boolean;
  /** Told of the problem that the answer tells: the answer's own status says nothing of it. */
  readonly refused?: (code: ProblemCode) => void;
  /** Aborted where its caller calls it off by a message: he wants no answer, and has not left. */
  readonly calledOff?: AbortController;
  /** What the answer's text holds back is put in where the answer is sent. */
  readonly texts: LongTexts;
}

/** The answer to an MCP request. */
export interface McpAnswer {
  /** Its JSON text may still have live markup. */
  readonly response: Response;
  /** What the answer's text holds back: of the call itself, or of an earlier one whose stream goes on here. */
  readonly texts: LongTexts;
  /** Told what becomes of the answer's reader. */
  readonly fate?: ReaderFate;
}

/** Answers one authenticated MCP request. */
export type AnswerMcp<Context> = (request: Request, call: McpCall<Context>) => Promise<McpAnswer>;
