import { DomainError, type FieldFault } from "../errors.ts";
import type { InputFile, OutputSelection } from "./files.ts";
import type { Language } from "./language.ts";
import type { ExecutionLimits } from "./limits.ts";

/** What the operator lets a run bring and take out. */
export interface FileCaps {
  /** Files that a request may bring, and that an answer may bring back. */
  readonly maxFiles: number;
  /** Bytes of all the files that an answer brings back. */
  readonly maxOutputBytes: number;
}

/** The files that a request brings, and the globs of those that it wants back. */
export interface RequestedFiles {
  readonly files: readonly InputFile[];
  readonly outputs: readonly string[];
}

/** What the rules of {@link resolveFiles} depend on. */
export interface FileRules {
  readonly language: Language;
  readonly limits: Pick<ExecutionLimits, "fileSizeMb">;
  readonly caps: FileCaps;
  /** Where the program itself stands, if not where {@link SOURCE_PATHS} says. */
  readonly source?: string;
}

/** The most bytes of a path, and of each of its parts, in UTF-8; and the most parts. */
export const MAX_PATH_BYTES = 1024;
const MAX_PART_BYTES = 255;
const MAX_DEPTH = 16;

/** The most patterns of one request. */
export const MAX_PATTERNS = 64;

/** The most wildcards, `*`, `?` and `[`, of one part of a pattern, and of all patterns of one request. */
const MAX_PART_WILDCARDS = 16;
const MAX_WILDCARDS = 256;

/** Where the sandbox puts a program itself. */
export const SOURCE_PATHS: { readonly [L in Language]: string } = {
  python: "main.py",
  javascript: "main.js",
  bash: "main.sh",
};

const MAX_FAULTS = 20;
const MAX_FOUND_CHARACTERS = 78;
const MEBIBYTE = 1024 * 1024;

/**
 * Holds every path, pattern, count and size against the rules.
 *
 * @throws {DomainError} `validation_failed` naming everything that is wrong at once, up to 20 places.
 */
export function resolveFiles(
  { files, outputs }: RequestedFiles,
  rules: FileRules,
): { readonly files: readonly InputFile[]; readonly outputs: OutputSelection } {
  const faults = [
    ...countFaults("/files", files.length, rules.caps.maxFiles, "files"),
    ...inputFaults(files, rules),
    ...countFaults("/outputs", outputs.length, MAX_PATTERNS, "patterns"),
    ...patternFaults(outputs),
  ];
  if (faults.length > 0) {
    throw new DomainError({ code: "validation_failed", errors: faults.slice(0, MAX_FAULTS) });
  }
  const { maxFiles, maxOutputBytes } = rules.caps;
  return { files, outputs: { patterns: outputs, maxFiles, maxBytes: maxOutputBytes } };
}

function countFaults(pointer: string, found: number, most: number, what: string): FieldFault[] {
  if (found <= most) return [];
  return [{ pointer, expected: `at most ${most} ${what}`, found: `${found} ${what}` }];
}

function inputFaults(
  files: readonly InputFile[],
  { language, limits, source = SOURCE_PATHS[language] }: FileRules,
): FieldFault[] {
  const taken = new TakenPaths(source);
  return files.flatMap(({ path, content }, at) => [
    ...pathFaults(`/files/${at}/path`, path, taken),
    ...sizeFaults(`/files/${at}/content`, content.length, limits.fileSizeMb),
  ]);
}

function sizeFaults(pointer: string, bytes: number, fileSizeMb: number): FieldFault[] {
  if (bytes <= fileSizeMb * MEBIBYTE) return [];
  const expected = `at most ${fileSizeMb} MiB, the run's limits.file_size_mb`;
  return [{ pointer, expected, found: `${bytes} bytes` }];
}

function pathFaults(pointer: string, path: string, taken: TakenPaths): FieldFault[] {
  return faultsAt(pointer, path, pathFault(path) ?? taken.expectedOf(path));
}

function patternFaults(outputs: readonly string[]): FieldFault[] {
  const wildcards = outputs.reduce((sum, pattern) => sum + countWildcards(pattern), 0);
  return [
    ...countFaults("/outputs", wildcards, MAX_WILDCARDS, "wildcards"),
    ...outputs.flatMap((pattern, at) =>
      faultsAt(`/outputs/${at}`, pattern, pathFault(pattern) ?? expectedWildcardsOf(pattern))
    ),
  ];
}

/** Whoever holds names against a pattern takes the longer the more of them it has. */
function expectedWildcardsOf(pattern: string): string | null {
  const fits = pattern.split("/").every((part) => countWildcards(part) <= MAX_PART_WILDCARDS);
  return fits ? null : `parts of at most ${MAX_PART_WILDCARDS} wildcards ('*', '?' or '[')`;
}

function countWildcards(text: string): number {
  return text.match(/[*?[]/g)?.length ?? 0;
}

function faultsAt(pointer: string, path: string, expected: string | null): FieldFault[] {
  return expected === null ? [] : [{ pointer, expected, found: shown(path) }];
}

/** What a path, or a pattern of paths, should have been; `null` when it is right. */
export function pathFault(path: string): string | null {
  if (!path.isWellFormed()) return "Unicode text without lone surrogates";
  const bytes = bytesOf(path);
  if (bytes === 0 || bytes > MAX_PATH_BYTES) return `1 to ${MAX_PATH_BYTES} bytes of UTF-8`;
  if (/\p{Cc}/u.test(path)) return "a path without control characters";
  if (path.startsWith("/")) return "relative to the working directory";
  const parts = path.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    return "a path without empty parts, '.' and '..'";
  }
  if (parts.length > MAX_DEPTH) return `at most ${MAX_DEPTH} parts divided by '/'`;
  if (parts.some((part) => bytesOf(part) > MAX_PART_BYTES)) {
    return `parts of at most ${MAX_PART_BYTES} bytes of UTF-8`;
  }
  return null;
}

/** The paths of a request so far: no two of its files can be in one place. */
class TakenPaths {
  readonly #source: string;
  readonly #files = new Set<string>();
  readonly #folders = new Set<string>();

  constructor(source: string) {
    this.#source = source;
  }

  /** Takes a path; what should have stood in its stead, when it cannot be had. */
  expectedOf(path: string): string | null {
    const above = foldersOf(path);
    if (path === this.#source || above.includes(this.#source)) {
      return `another path than '${this.#source}', the program's own source`;
    }
    if (this.#files.has(path)) return "a path that no other file has";
    if (this.#folders.has(path)) return "a path that is no other file's folder";
    if (above.some((folder) => this.#files.has(folder))) {
      return "a path whose folders are no other files";
    }
    this.#files.add(path);
    for (const folder of above) this.#folders.add(folder);
    return null;
  }
}

/** Every folder that a path goes through: `a` and `a/b` for `a/b/c`. */
function foldersOf(path: string): string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join("/"));
}

function shown(path: string): string {
  return path.length > MAX_FOUND_CHARACTERS
    ? `a string of ${path.length} characters`
    : JSON.stringify(path);
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
