/** Every language that can be linted. */
export const LINT_LANGUAGES = ["python", "javascript", "typescript", "bash"] as const;

/** A language that can be linted. */
export type LintLanguage = (typeof LINT_LANGUAGES)[number];

/**
 * A place in a text. Lines end with "\n", "\r\n" or "\r"; a byte order mark at the very beginning takes
 * no column.
 */
export interface Place {
  /** From 1. */
  readonly line: number;
  /** From 1, in code points; a lone surrogate is one. */
  readonly column: number;
}

/** A function or method that a text defines, with a body. */
export interface FoundFunction extends Place {
  /**
   * As it is written, after the names of the classes and functions that it stands in: `Parser.read`,
   * `outer.inner`, `Store.#find`. The place is that of the word that begins its definition, decorators
   * left out.
   */
  readonly name: string;
  /** The line of its last character, from 1. */
  readonly endLine: number;
  /** McCabe's, of its own body without those of functions in it: 1 or more. */
  readonly complexity: number;
  readonly async: boolean;
}

/** A class that a text defines. */
export interface FoundClass extends Place {
  /** As that of a function. */
  readonly name: string;
  readonly endLine: number;
  /** The names of its own methods as they are written, in their order, each once. */
  readonly methods: readonly string[];
}

/** A module, or a file, that a text brings in. */
export interface FoundImport {
  /** As it is written, without quotes: `os.path`, `..models`, `./tree.ts`, `/etc/profile`. */
  readonly module: string;
  /**
   * What is taken of it, by the names that the module has for them: `["*"]` for all (also of a namespace),
   * `["default"]` for what the module is by default; empty where it is brought in as a whole.
   */
  readonly names: readonly string[];
  /** From 1: where the statement begins. */
  readonly line: number;
}

/** Where a text stops being of its language, as its parser has it. */
export interface SyntaxFault extends Place {
  readonly message: string;
}

/** What a syntax tree tells of a text. Each list is in the order of the text. */
export interface Outline {
  readonly functions: readonly FoundFunction[];
  readonly classes: readonly FoundClass[];
  readonly imports: readonly FoundImport[];
  /** McCabe's, of the whole text: 1 for what stands outside of functions, and the decisions of all. */
  readonly complexity: number;
  /** The first one; what could be read of the text is in the lists all the same. `null`: there is none. */
  readonly syntaxError: SyntaxFault | null;
}

/** How much a finding matters. */
export const SEVERITIES = ["error", "warning", "info"] as const;

/** How much a finding matters. */
export type Severity = (typeof SEVERITIES)[number];

/** The rule of a finding that says that a text is not of its language. */
export const SYNTAX_ERROR = "syntax-error";

/** The rule of a finding that says that a text is nested too deep for its linter. */
export const TOO_COMPLEX = "too-complex";

/** Something that a linter does not like. */
export interface LintFinding extends Place {
  /** The linter's own name of it (`F401`, `no-var`, `SC2086`), {@link SYNTAX_ERROR} or {@link TOO_COMPLEX}. */
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  /** From 1: where it ends. */
  readonly endLine: number;
  /** From 1, in code points: the column after its last character. */
  readonly endColumn: number;
}

/** What linters can be behind a report; `none` where only the syntax was looked at. */
export const LINTERS = ["ruff", "deno_lint", "shellcheck", "none"] as const;

/** What linter is behind a report. */
export type LinterName = (typeof LINTERS)[number];

/** All that linting a text has given. The same text in the same language gives the same. */
export interface LintReport extends Omit<Outline, "syntaxError"> {
  readonly linter: LinterName;
  /** What the operator can do where a linter is missing, in one line; `null` where none is. */
  readonly remedy: string | null;
  /** In the order of the text. A text that does not parse has one, of the rule {@link SYNTAX_ERROR}. */
  readonly findings: readonly LintFinding[];
  /** Whether there is more than is told here: of findings, or of what the text defines and brings in. */
  readonly truncated: boolean;
}
