import type { PythonNode } from "../policy/python_tree.ts";
import type { Work } from "../policy/work.ts";

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

/** One look at a program and what comes with it. */
export interface Look {
  /** What it has cost, of what it may. */
  readonly work: Work;
  /** Gives others their turn, and counts that; rejects with `cancelled` when nobody wants the look now. */
  pause(): Promise<void>;
}

/**
 * Reads Python.
 *
 * Rejects only as `pause` does, which it calls wherever the work says that others are due, and when a
 * text has waited: long ones are read one at a time. With the work over, the text is too large.
 */
export interface PythonSyntax {
  parse(code: string, look: Look): Promise<PythonProgram>;
  /** Resolves after a turn of the event loop. */
  turn(): Promise<void>;
}
