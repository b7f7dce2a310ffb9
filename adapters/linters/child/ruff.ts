import fs from "node:fs";
import type { Diagnostic, Workspace } from "@astral-sh/ruff-wasm-nodejs";
import type { LintFinding } from "../../../domain/lint/report.ts";
import { syntaxError } from "../findings.ts";
import { RUFF_IGNORE, RUFF_SELECT, ruffSeverity } from "../ruff_rules.ts";
import { withMemoryLimit } from "./memory_limit.ts";

/** What Ruff calls what is not Python. */
const INVALID = "invalid-syntax";

/** Ruff, loaded. */
export interface Ruff {
  /** What it finds in a text, under the rules of one version of Python, such as `3.11`. */
  check(code: string, pythonVersion: string): LintFinding[];
}

/** Loads Ruff with a memory of at most so many bytes. `wasmPath`: its module's file. */
export async function loadRuff(wasmPath: string, memoryBytes: number): Promise<Ruff> {
  const module = withMemoryLimit(await Deno.readFile(wasmPath), memoryBytes);
  // The package reads its module itself, and knows no other way to it.
  const own = fs.readFileSync;
  Object.assign(fs, { readFileSync: () => module });
  const { Workspace, PositionEncoding } = await import("@astral-sh/ruff-wasm-nodejs");
  Object.assign(fs, { readFileSync: own });
  const workspaces = new Map<string, Workspace>();
  return {
    check(code, pythonVersion) {
      const workspace = workspaces.get(pythonVersion) ??
        new Workspace(settingsFor(pythonVersion), PositionEncoding.Utf32);
      workspaces.set(pythonVersion, workspace);
      return (workspace.check(code) as Diagnostic[]).map(findingOf);
    },
  };
}

function settingsFor(pythonVersion: string): unknown {
  return {
    "target-version": `py${pythonVersion.replace(".", "")}`,
    lint: { select: RUFF_SELECT, ignore: RUFF_IGNORE },
  };
}

function findingOf({ code, message, start_location, end_location }: Diagnostic): LintFinding {
  const place = { line: start_location.row, column: start_location.column };
  const end = { line: end_location.row, column: end_location.column };
  if (code === null || code === INVALID) return syntaxError(place, message, end);
  const ending = { endLine: end.line, endColumn: end.column };
  return { rule: code, severity: ruffSeverity(code), message, ...place, ...ending };
}
