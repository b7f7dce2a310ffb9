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
export const OMISSIONS = [
  /** It is larger than what is left of the bytes that may be brought back. */
  "too_large",
  /** Enough files are brought back already; of a folder: enough names have been read. */
  "too_many",
  /** It is a folder, a link or a device. Links are never followed. */
  "not_a_regular_file",
  /** It cannot be opened, or its name is not text. */
  "unreadable",
  /** It is a folder so deep that it is not gone into. */
  "too_deep",
] as const;

/** What a pattern names and is not brought back. */
export interface OmittedFile {
  readonly path: string;
  /** In bytes; `null` where that means nothing. */
  readonly size: number | null;
  readonly reason: (typeof OMISSIONS)[number];
}

/** What is brought back of a run's files. */
export interface OutputFiles {
  /** In the order of their paths. */
  readonly files: readonly OutputFile[];
  /** What was asked for and could not be brought back: the first hundred. */
  readonly omittedFiles: readonly OmittedFile[];
  /** How many there are of them in all. */
  readonly omittedFileCount: number;
}

/** Of a run that was asked for no files. */
export const NO_OUTPUT_FILES: OutputFiles = { files: [], omittedFiles: [], omittedFileCount: 0 };

/** What a request has that brings no files and wants none back. */
export const NO_FILES: {
  readonly files: readonly InputFile[];
  readonly outputs: OutputSelection;
} = { files: [], outputs: { patterns: [], maxFiles: 0, maxBytes: 0 } };
