import { DomainError } from "../../domain/errors.ts";
import type { LintLanguage, LintReport } from "../../domain/lint/report.ts";
import type { ExecutionRunner } from "../../domain/ports/execution_runner.ts";
import type { Linter, LintRequest } from "../../domain/ports/linter.ts";
import { DENO_LINT_ARGS, denoLint } from "./deno_lint.ts";
import { syntaxError, told, tooDeep } from "./findings.ts";
import type { Reading } from "./messages.ts";
import { Readers } from "./readers.ts";
import type { ReaderOptions } from "./reader_process.ts";
import { RUFF_IGNORE, RUFF_SELECT, RUFF_VERSION } from "./ruff_rules.ts";
import { type Linted, lintInside, type SandboxedLinter } from "./sandboxed_linter.ts";
import { SHELLCHECK } from "./shellcheck.ts";
import { type TurnBounds, Turns } from "./turns.ts";

/** What the linters work with. */
export interface LintersOptions extends ReaderOptions, TurnBounds {
  /** The sandbox, in which linters run that are programs of their own. */
  readonly runner: Pick<ExecutionRunner, "run">;
  /** The version of Python that programs run with here, such as `3.11`. */
  readonly pythonVersion: () => string;
}

const INSIDE: Readonly<Record<Exclude<LintLanguage, "python">, SandboxedLinter>> = {
  javascript: denoLint("javascript"),
  typescript: denoLint("typescript"),
  bash: SHELLCHECK,
};

/**
 * Ruff, `deno lint` and ShellCheck behind one port. Ruff and the parsers of outlines run in processes of
 * their own, which are kept from one text to the next; the other two in the sandbox, started for each.
 */
export class Linters implements Linter {
  readonly #options: LintersOptions;
  readonly #turns: Turns;
  readonly #readers: Readers;
  readonly #closing = new AbortController();

  constructor(options: LintersOptions) {
    this.#options = options;
    this.#turns = new Turns(options);
    this.#readers = new Readers(options);
  }

  async lint(request: LintRequest, asked: AbortSignal): Promise<LintReport> {
    const signal = AbortSignal.any([asked, this.#closing.signal]);
    try {
      const leave = await this.#turns.enter(request.caller, signal);
      try {
        return await this.#lint(request, signal);
      } finally {
        leave();
      }
    } catch (error) {
      if (!this.#closing.signal.aborted) throw error;
      throw new DomainError({ code: "shutting_down", retryAfterSeconds: 1 });
    }
  }

  toolchain(language: LintLanguage): string {
    if (language === "python") {
      const rules = [...RUFF_SELECT, ...RUFF_IGNORE.map((rule) => `-${rule}`)];
      return `ruff ${RUFF_VERSION} ${this.#options.pythonVersion()} ${rules}`;
    }
    if (language === "bash") return SHELLCHECK.program;
    return `deno_lint ${Deno.version.deno} ${DENO_LINT_ARGS}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#readers[Symbol.asyncDispose]();
  }

  async #lint({ language, code }: LintRequest, signal: AbortSignal): Promise<LintReport> {
    const pythonVersion = this.#options.pythonVersion();
    const reading = this.#readers.read({ language, code, pythonVersion }, signal);
    if (language === "python") return reportOf(await reading, ruffs(await reading));
    // What fails first is told, once nothing is at work any more.
    const linting = lintInside(this.#options.runner, INSIDE[language], code, signal);
    await Promise.allSettled([reading, linting]);
    return reportOf(await reading, await linting);
  }
}

function ruffs({ findings }: Reading): Linted {
  return { linter: "ruff", remedy: null, findings, truncated: false };
}

/** What both have told. Where no linter was there the syntax tree says what is wrong. */
function reportOf({ outline, ...reading }: Reading, linted: Linted): LintReport {
  const { linter, remedy } = linted;
  const { syntaxError: fault, ...found } = outline;
  const unread = reading.tooDeep && (linter === "ruff" || linter === "none");
  const shown = told([
    ...linted.findings,
    ...(linter === "none" && fault !== null ? [syntaxError(fault, fault.message)] : []),
    ...(unread ? [tooDeep()] : []),
  ]);
  const cut = reading.truncated || reading.tooDeep || linted.truncated;
  return {
    ...found,
    linter,
    remedy,
    findings: shown.findings,
    truncated: cut || shown.truncated,
  };
}
