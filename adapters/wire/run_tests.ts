import { z } from "@hono/zod-openapi";
import type { FileCaps } from "../../domain/execution/file_paths.ts";
import type { InputFile } from "../../domain/execution/files.ts";
import {
  TEST_FRAMEWORKS,
  TEST_LANGUAGES,
  TEST_SOURCES,
  type TestFramework,
  type TestLanguage,
} from "../../domain/testing/framework.ts";
import type { TestRecord } from "../../domain/testing/record.ts";
import { CASE_OUTCOMES, MAX_CASES, TEST_OUTCOMES } from "../../domain/testing/report.ts";
import { decodeContents } from "./file_contents.ts";
import { policyFindingSchema, wireFindings } from "./policy_findings.ts";
import { codeSchema, filesSchema, isolationSchema, type WireInputFile } from "./schemas.ts";

/** A checked request to run tests. */
export interface RunTestsRequest {
  code: string;
  language: TestLanguage;
  test_framework?: TestFramework | undefined;
  timeout_seconds?: number | undefined;
  files: WireInputFile[];
}

/** How long tests may run, in seconds. */
export interface TestSeconds {
  readonly minimum: number;
  readonly fallback: number;
  readonly maximum: number;
}

/** The request to run tests, with the operator's bounds documented. */
export function runTestsSchema(
  caps: FileCaps,
  { minimum, fallback, maximum }: TestSeconds,
): z.ZodType<RunTestsRequest> {
  return z.strictObject({
    code: codeSchema().meta({
      description: `The tests. They stand in \`${TEST_SOURCES.python}\`, ` +
        `\`${TEST_SOURCES.javascript}\` or \`${TEST_SOURCES.typescript}\`.`,
      examples: ["def test_sum():\n    assert 1 + 1 == 2\n"],
    }),
    language: z.enum(TEST_LANGUAGES).default("python"),
    test_framework: z.enum(TEST_FRAMEWORKS).optional().meta({
      description: "The language's own, `pytest` for python and `deno` for the others, if absent.",
    }),
    timeout_seconds: z.number().meta({ minimum, maximum, default: fallback }).optional(),
    files: filesSchema(caps).meta({
      description: "What the tests find beside them: modules, `conftest.py`, more tests, data.",
    }),
  });
}

/**
 * A checked request as the use case takes it.
 *
 * @throws {DomainError} `validation_failed` naming every content that is not of its encoding.
 */
export async function runTestsCommand(request: RunTestsRequest): Promise<{
  readonly code: string;
  readonly language: TestLanguage;
  readonly framework: TestFramework | undefined;
  readonly timeoutSeconds: number | undefined;
  readonly files: readonly InputFile[];
}> {
  const { code, language, test_framework: framework, timeout_seconds: timeoutSeconds } = request;
  return { code, language, framework, timeoutSeconds, files: await decodeContents(request.files) };
}

const countSchema = z.int().nonnegative();

const caseSchema = z.object({
  name: z.string(),
  file: z.string().nullable(),
  line: z.int().positive().nullable(),
  outcome: z.enum(CASE_OUTCOMES),
  duration_seconds: z.number().nonnegative().nullable(),
  message: z.string().nullable().meta({ description: "Why it did not pass." }),
}).openapi("TestCase");

/** A finished run of tests. */
export const testResultSchema = z.object({
  id: z.uuid(),
  framework: z.enum(TEST_FRAMEWORKS),
  language: z.enum(TEST_LANGUAGES),
  outcome: z.enum(TEST_OUTCOMES).meta({
    description: "`passed` only if each test that was found was run to its end and none failed.",
  }),
  return_code: z.int().meta({
    description: "The framework's; 128 + n when ended by signal n; 124 on timeout.",
  }),
  message: z.string().nullable().meta({ description: "Of an `error` or `crashed` run: why." }),
  stdout: z.string(),
  stderr: z.string(),
  stdout_truncated: z.boolean(),
  stderr_truncated: z.boolean(),
  duration_seconds: z.number().nonnegative(),
  counts: z.object({
    passed: countSchema,
    failed: countSchema,
    errors: countSchema.meta({ description: "`error`, `timeout` and `crashed`." }),
    skipped: countSchema.meta({ description: "`skipped` and `xfailed`." }),
    not_run: countSchema,
  }),
  cases: z.array(caseSchema).meta({
    description: `At most ${MAX_CASES}; of more, those that passed are left out first.`,
  }),
  cases_omitted: countSchema.meta({ description: "How many are counted, and not told." }),
  policy_findings: z.array(policyFindingSchema),
  isolation: isolationSchema,
  created_at: z.string().meta({ format: "date-time" }),
  trace_id: z.string().optional().meta({
    description: "The trace that they were asked for in, where there was one.",
  }),
}).openapi("TestResult");

/** A finished run of tests as it crosses the wire. */
export type WireTestResult = z.output<typeof testResultSchema>;

/** A kept run of tests as its owner sees it: without its owner and correlation id. */
export function wireTestResult(record: TestRecord): WireTestResult {
  const { runner, layers, missing } = record.isolation;
  const { notRun, ...counts } = record.counts;
  return {
    id: record.id,
    framework: record.framework,
    language: record.language,
    outcome: record.outcome,
    return_code: record.returnCode,
    message: record.message,
    stdout: record.stdout,
    stderr: record.stderr,
    stdout_truncated: record.stdoutTruncated,
    stderr_truncated: record.stderrTruncated,
    duration_seconds: record.durationSeconds,
    counts: { ...counts, not_run: notRun },
    cases: record.cases.map(({ durationSeconds, ...one }) => ({
      ...one,
      duration_seconds: durationSeconds,
    })),
    cases_omitted: record.casesOmitted,
    policy_findings: wireFindings(record.policyFindings),
    isolation: { runner, layers: [...layers], missing: [...missing] },
    created_at: record.createdAt,
    ...(record.traceId !== undefined && { trace_id: record.traceId }),
  };
}
