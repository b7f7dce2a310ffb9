import { z } from "@hono/zod-openapi";
import type { LintRecord } from "../../domain/lint/record.ts";
import {
  LINT_LANGUAGES,
  LINTERS,
  type LintLanguage,
  SEVERITIES,
} from "../../domain/lint/report.ts";
import { codeSchema } from "./schemas.ts";

/** A checked request to lint a text. */
export interface LintCodeRequest {
  code: string;
  language: LintLanguage;
}

/** The request to lint a text. */
export const lintCodeSchema: z.ZodType<LintCodeRequest> = z.strictObject({
  code: codeSchema(),
  language: z.enum(LINT_LANGUAGES).default("python"),
});

const line = z.int().positive();
const column = z.int().positive().meta({ description: "From 1, in code points." });

const functionSchema = z.object({
  name: z.string().meta({
    description: "With the names of what it stands in: `Parser.read`, `outer.inner`.",
  }),
  line,
  column,
  end_line: line,
  complexity: z.int().positive().meta({ description: "McCabe's, of its own body." }),
  async: z.boolean(),
});

const classSchema = z.object({
  name: z.string(),
  line,
  column,
  end_line: line,
  methods: z.array(z.string()),
});

const importSchema = z.object({
  module: z.string(),
  names: z.array(z.string()).meta({ description: "Empty: the module as a whole; `*`: all of it." }),
  line,
});

const findingSchema = z.object({
  rule: z.string().meta({
    description: "The linter's own name of it, `syntax-error`, or `too-complex`.",
    examples: ["F401", "no-var", "SC2086"],
  }),
  severity: z.enum(SEVERITIES),
  message: z.string(),
  line,
  column,
  end_line: line,
  end_column: column,
});

/** What linting a text has given. */
export const lintResultSchema = z.object({
  id: z.uuid(),
  code_hash: z.string().meta({ description: "The SHA-256 of the text, in hexadecimal digits." }),
  language: z.enum(LINT_LANGUAGES),
  functions: z.array(functionSchema),
  classes: z.array(classSchema),
  imports: z.array(importSchema),
  complexity: z.int().positive().meta({ description: "McCabe's, of the whole text." }),
  findings: z.array(findingSchema).meta({
    description: "In the order of the text; of one that does not parse, its one `syntax-error`.",
  }),
  truncated: z.boolean().meta({ description: "Whether a list leaves something out." }),
  linter: z.enum(LINTERS).meta({ description: "`none`: only the syntax was looked at." }),
  remedy: z.string().nullable().meta({ description: "What the operator can do for a linter." }),
  linter_exit_code: z.int().meta({ description: "0: clean, 1: there are findings." }),
  linter_output: z.string().meta({ description: "One line a finding." }),
  cached: z.boolean().meta({ description: "Whether this is an earlier request's report." }),
  created_at: z.string().meta({ format: "date-time" }),
  trace_id: z.string().optional().meta({
    description: "The trace that it was asked for in, where there was one.",
  }),
}).openapi("LintResult");

/** A report as it crosses the wire. */
export type WireLintResult = z.output<typeof lintResultSchema>;

/** A report, as it crosses the wire. */
export function wireLintResult(answer: LintRecord & { readonly cached: boolean }): WireLintResult {
  const { id, codeHash, language, complexity, truncated, linter, remedy, cached } = answer;
  return {
    ...{ id, code_hash: codeHash, language },
    functions: answer.functions.map(({ endLine, ...rest }) => ({ ...rest, end_line: endLine })),
    classes: answer.classes.map(({ endLine, methods, ...rest }) => {
      return { ...rest, end_line: endLine, methods: [...methods] };
    }),
    imports: answer.imports.map(({ names, ...rest }) => ({ ...rest, names: [...names] })),
    complexity,
    findings: answer.findings.map(({ endLine, endColumn, ...rest }) => {
      return { ...rest, end_line: endLine, end_column: endColumn };
    }),
    ...{ truncated, linter, remedy },
    linter_exit_code: answer.findings.length > 0 ? 1 : 0,
    linter_output: answer.findings.map(lineOf).join(""),
    cached,
    created_at: answer.createdAt,
    ...(answer.traceId !== undefined && { trace_id: answer.traceId }),
  };
}

function lineOf({ line, column, rule, message }: LintRecord["findings"][number]): string {
  return `${line}:${column} ${rule} ${message.replaceAll(/\s+/g, " ")}\n`;
}
