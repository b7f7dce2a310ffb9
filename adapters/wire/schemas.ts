// The shapes that cross the wire, for HTTP and MCP alike. This room is the one adapter room that
// inbound adapters may import: the MCP tools must be made from the very same zod schemas. A check's
// message says what is expected, as it stands in a fault's `expected`.
import { z } from "@hono/zod-openapi";
import { type FileCaps, MAX_PATH_BYTES, MAX_PATTERNS } from "../../domain/execution/file_paths.ts";
import { OMISSIONS } from "../../domain/execution/files.ts";
import {
  type ExecutionLimits,
  isWholeLimit,
  LIMIT_NAMES,
  type LimitName,
  MINIMUM_LIMITS,
  resolveLimits,
} from "../../domain/execution/limits.ts";
import { OUTCOMES } from "../../domain/execution/outcome.ts";
import { MAX_CODE_BYTES } from "../../domain/execution/request.ts";
import { type Language, LANGUAGES } from "../../domain/execution/language.ts";
import { policyFindingSchema } from "./policy_findings.ts";

const MAX_STDIN_BYTES = 1_048_576;
const MAX_ARGS = 64;
const MAX_VARIABLES = 64;
const MAX_STRINGS_BYTES = 65_536;
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** How a file's content stands in a JSON string. */
export const ENCODINGS = ["utf-8", "base64"] as const;

/** A file that comes with a request. */
export interface WireInputFile {
  path: string;
  content: string;
  encoding: (typeof ENCODINGS)[number];
}

/** A checked request to run a program: sizes in the units that the names say. */
export interface ExecuteCodeRequest {
  files: WireInputFile[];
  outputs: string[];
  code: string;
  language: Language;
  timeout_seconds?: number | undefined;
  stdin: string;
  args: string[];
  environment: Record<string, string>;
  cache: boolean;
  limits?: { [N in Exclude<LimitName, "timeout_seconds">]?: number | undefined } | undefined;
}

/** The request to run a program, with the operator's bounds documented. */
export function executeCodeSchema(
  ceilings: ExecutionLimits,
  caps: FileCaps,
): z.ZodType<ExecuteCodeRequest> {
  return z.strictObject({
    code: codeSchema(),
    language: z.enum(LANGUAGES).default("python"),
    timeout_seconds: limitSchema("timeoutSeconds", ceilings),
    stdin: stdinSchema(),
    args: argsSchema(),
    environment: environmentSchema(),
    files: filesSchema(caps),
    outputs: outputsSchema(),
    limits: limitsSchema(ceilings),
    cache: z.boolean().default(false).meta({
      description:
        "Whether the answer may be that of an earlier run: the caller's own, asked for in " +
        "the same way and ended `ok`.",
    }),
  });
}

/** Source text of at most {@link MAX_CODE_BYTES}. */
export function codeSchema(): z.ZodType<string> {
  const expected = `1 to ${MAX_CODE_BYTES} bytes of UTF-8 text`;
  return unicode()
    .min(1, expected)
    .max(MAX_CODE_BYTES, expected)
    .refine((code) => bytesOf(code) <= MAX_CODE_BYTES, expected)
    .meta({ description: `Source text, ${expected}.`, examples: ["print(1)"] });
}

function stdinSchema() {
  const expected = `at most ${MAX_STDIN_BYTES} bytes of UTF-8 text`;
  return unicode()
    .max(MAX_STDIN_BYTES, expected)
    .refine((stdin) => bytesOf(stdin) <= MAX_STDIN_BYTES, expected)
    .default("")
    .meta({ description: "Text that the program reads from its standard input." });
}

function argsSchema() {
  const args = z.array(withoutNul()).max(MAX_ARGS)
    .refine((args) => totalBytes(args) <= MAX_STRINGS_BYTES, fitting("arguments"));
  return bounded(MAX_ARGS, "items", args)
    .default([])
    .meta({ description: "Arguments after the program's own name, 64 KiB in all." });
}

function environmentSchema() {
  const name = z.string().regex(VARIABLE_NAME, `a name like ${VARIABLE_NAME.source}`);
  const variables = z.record(name, withoutNul())
    .refine(
      (vars) => totalBytes(Object.entries(vars).flat()) <= MAX_STRINGS_BYTES,
      fitting("variables"),
    )
    .meta({ maxProperties: MAX_VARIABLES, propertyNames: { pattern: VARIABLE_NAME.source } });
  return bounded(MAX_VARIABLES, "variables", variables)
    .default({})
    .meta({ description: "Variables added to the run's environment, 64 KiB in all." });
}

/** Files; checks the types alone, as for limits: the domain judges paths and sizes. */
export function filesSchema({ maxFiles }: FileCaps): z.ZodType<WireInputFile[]> {
  const file = z.strictObject({
    path: z.string().meta({
      minLength: 1,
      maxLength: MAX_PATH_BYTES,
      description: "Relative to the working directory, its parts divided by `/`.",
      examples: ["data/in.csv"],
    }),
    content: unicode().meta({ description: "At most `limits.file_size_mb` once decoded." }),
    encoding: z.enum(ENCODINGS).default("utf-8"),
  });
  return bounded(maxFiles, "files", z.array(file).meta({ maxItems: maxFiles }))
    .default([])
    .meta({ description: "Files that the program finds in its working directory." });
}

function outputsSchema() {
  const pattern = z.string().meta({ minLength: 1, maxLength: MAX_PATH_BYTES });
  return bounded(MAX_PATTERNS, "patterns", z.array(pattern).meta({ maxItems: MAX_PATTERNS }))
    .default([])
    .meta({
      description:
        "Which files to bring back from the working directory: paths with `*`, `?` and " +
        "`[…]` within a part, sixteen at most, and `**` for any number of folders. One that fits " +
        "nothing is no fault.",
      examples: [["out/*.png"]],
    });
}

function limitsSchema(ceilings: ExecutionLimits) {
  return z.strictObject({
    memory_mb: limitSchema("memoryMb", ceilings),
    cpu_seconds: limitSchema("cpuSeconds", ceilings),
    processes: limitSchema("processes", ceilings),
    open_files: limitSchema("openFiles", ceilings),
    file_size_mb: limitSchema("fileSizeMb", ceilings),
    output_kb: limitSchema("outputKb", ceilings),
  }).optional().meta({ description: "Bounds of this run; asking above a maximum is refused." });
}

/** Checks the type alone: the bounds are documented here and judged by the domain. */
function limitSchema(key: keyof ExecutionLimits, ceilings: ExecutionLimits) {
  return z.number().meta({
    ...(isWholeLimit(key) ? { type: "integer" } : {}),
    minimum: MINIMUM_LIMITS[key],
    maximum: ceilings[key],
    default: resolveLimits({}, ceilings)[key],
  }).optional();
}

/**
 * Refuses a list or record of too many members before looking at any of them, so that a body full of
 * wrong members cannot make as many faults.
 */
function bounded<Inner extends z.ZodType>(most: number, what: string, inner: Inner) {
  return z.preprocess((value, context) => {
    if (typeof value !== "object" || value === null) return value;
    const members = Array.isArray(value) ? value.length : Object.keys(value).length;
    if (members > most) {
      context.addIssue({ code: "custom", message: `at most ${most} ${what}` });
    } else if (Object.hasOwn(value, "__proto__")) {
      // zod leaves this name out without a word.
      const message = "absent: this name cannot be set";
      context.addIssue({ code: "custom", message, path: ["__proto__"] });
    }
    return value;
  }, inner);
}

function unicode() {
  return z.string().refine((text) => text.isWellFormed(), "Unicode text without lone surrogates");
}

function withoutNul() {
  return unicode().refine((text) => !text.includes("\0"), "a string without NUL");
}

function fitting(what: string): string {
  return `${what} of at most ${MAX_STRINGS_BYTES} bytes in all`;
}

function totalBytes(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + bytesOf(text), 0);
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

const fileSchema = z.object({
  path: z.string(),
  content: z.string(),
  encoding: z.enum(ENCODINGS).meta({ description: "`utf-8` where the content is UTF-8." }),
  size: z.int().nonnegative().meta({ description: "In bytes." }),
});

const omittedFileSchema = z.object({
  path: z.string(),
  size: z.int().nonnegative().nullable(),
  reason: z.enum(OMISSIONS),
});

/** Which walls stood round a run. */
export const isolationSchema = z.object({
  runner: z.string(),
  layers: z.array(z.string()),
  missing: z.array(z.string()),
}).meta({ description: "Which walls stood round this run, and which did not." });

/** A finished run. */
export const executionSchema = z.object({
  id: z.uuid(),
  language: z.enum(LANGUAGES),
  outcome: z.enum(OUTCOMES),
  return_code: z.int().meta({ description: "128 + n when ended by signal n; 124 on timeout." }),
  signal: z.string().nullable(),
  limit: z.enum(LIMIT_NAMES).nullable().meta({ description: "The limit that ended the run." }),
  stdout: z.string(),
  stderr: z.string(),
  stdout_truncated: z.boolean(),
  stderr_truncated: z.boolean(),
  duration_seconds: z.number().nonnegative(),
  cpu_seconds: z.number().nonnegative(),
  memory_peak_bytes: z.int().nonnegative(),
  queue_seconds: z.number().nonnegative(),
  files: z.array(fileSchema).meta({ description: "What `outputs` asked for, by path." }),
  files_omitted: z.array(omittedFileSchema).meta({
    description: "What `outputs` names and is not brought back: the first hundred.",
  }),
  files_omitted_count: z.int().nonnegative().meta({
    description: "How many there are of these in all.",
  }),
  policy_findings: z.array(policyFindingSchema),
  isolation: isolationSchema,
  cached: z.boolean().meta({ description: "Whether this is an earlier request's run." }),
  created_at: z.string().meta({ format: "date-time" }),
  trace_id: z.string().optional().meta({
    description: "The trace that it was asked for in, where there was one.",
  }),
}).openapi("Execution");

/** A run that has begun, as the first event of a stream tells it. */
export type WireStarted = Pick<WireExecution, "id" | "language" | "created_at">;

/** A finished run as it crosses the wire. */
export type WireExecution = z.output<typeof executionSchema>;
