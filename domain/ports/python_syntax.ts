import type { PythonNode } from "../policy/python_tree.ts";

/** A program as its parser has it. */
export type PythonProgram =
  | {
    readonly kind: "read";
    readonly root: PythonNode;
    /** The text that offsets count in: without a byte order mark, lines ending with "\n". */
    readonly text: string;
  }
  | {
    /** `syntax`: no Python that the parser knows, or nested too deep; `size`: too much of it. */
    readonly kind: "unreadable";
    readonly because: "syntax" | "size";
    readonly at: number;
    readonly text: string;
  };

/**
 * Reads Python.
 *
 * Never rejects. The time is bounded whatever the text is. A long text is read in slices with a turn of
 * the event loop after each of a few milliseconds, and one long text at a time.
 */
export interface PythonSyntax {
  parse(code: string): Promise<PythonProgram>;
  /** Resolves after a turn of the event loop. */
  turn(): Promise<void>;
}
