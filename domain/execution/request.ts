import type { InputFile, OutputSelection } from "./files.ts";
import type { Language } from "./language.ts";
import type { ExecutionLimits } from "./limits.ts";
import type { TestLanguage } from "../testing/framework.ts";

/** The largest program accepted, in bytes of UTF-8. */
export const MAX_CODE_BYTES = 1_048_576;

/** What a caller asks to be run, complete: every default is already filled in. */
export interface ExecutionRequest {
  readonly language: Language;
  /** Source text, 1 byte to {@link MAX_CODE_BYTES} of UTF-8. */
  readonly code: string;
  /** Text that the program reads from its standard input. */
  readonly stdin: string;
  /** Arguments after the program's own name. */
  readonly args: readonly string[];
  /** Variables added to the small environment that the sandbox gives every run. */
  readonly environment: Readonly<Record<string, string>>;
  /** Files that the program finds in its working directory. */
  readonly files: readonly InputFile[];
  /** What is brought back of the files that it leaves there. */
  readonly outputs: OutputSelection;
  readonly limits: ExecutionLimits;
  /** Where the source is tests: what they are written in. They are found and run by its framework. */
  readonly tests?: TestLanguage;
}
