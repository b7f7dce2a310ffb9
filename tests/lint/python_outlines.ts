import assert from "node:assert/strict";
import { outlineOf } from "../../adapters/linters/outline/outline.ts";
import type { Outline } from "../../domain/lint/report.ts";

const REFERENCE = new URL("../fixtures/python_outlines.py", import.meta.url).pathname;

/** Compares the outlines of every `step`th module of a Python's standard library; how many there were. */
export async function compareModules(python: string, step: number): Promise<number> {
  const args = ["-I", "-S", "-B", REFERENCE, "", `${step}`];
  const { success, stdout, stderr } = await new Deno.Command(python, { args }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const references: Record<string, Outline | null> = JSON.parse(new TextDecoder().decode(stdout));
  let compared = 0;
  for (const [path, reference] of Object.entries(references)) {
    const text = utf8(await Deno.readFile(path));
    if (reference === null || text === null) continue;
    const { functions, ...rest } = outlineOf("python", text);
    // Python has names in this form, wherever they come from.
    const named = functions.map((found) => ({ ...found, name: found.name.normalize("NFKC") }));
    assert.deepEqual({ path, ...rest, functions: named }, { path, ...reference });
    compared += 1;
  }
  return compared;
}

/** `null` for a file in another encoding. */
function utf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
