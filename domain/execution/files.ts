/** A file that a run finds in its working directory. */
export interface InputFile {
  /** Relative to the working directory, its parts divided by `/`. */
  readonly path: string;
  readonly content: Uint8Array;
}

/** A file that a run left in its working directory. */
export interface OutputFile {
  /** Relative to the working directory, its parts divided by `/`. */
  readonly path: string;
  readonly content: Uint8Array;
}

/** Which of the files that a run leaves are brought back. */
export interface OutputSelection {
  /** Globs relative to the working directory; empty: none. */
  readonly patterns: readonly string[];
  /** How many files at most. */
  readonly maxFiles: number;
  /** Bytes of all of them together at most. */
  readonly maxBytes: number;
}

/** Why something that a pattern names is not brought back. */
export const OMISSIONS = ["too_large", "too_many", "not_a_regular_file", "unreadable"] as const;

/** What a pattern names and is not brought back. */
export interface OmittedFile {
  readonly path: string;
  /** In bytes; `null` where that means nothing. */
  readonly size: number | null;
  readonly reason: (typeof OMISSIONS)[number];
}

/** What a request has that brings no files and wants none back. */
export const NO_FILES: {
  readonly files: readonly InputFile[];
  readonly outputs: OutputSelection;
} = { files: [], outputs: { patterns: [], maxFiles: 0, maxBytes: 0 } };
