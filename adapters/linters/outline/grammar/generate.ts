/** Writes tables.ts and terms.ts from javascript.grammar. */
import { generated } from "../../../python_syntax/grammar/generate.ts";

if (import.meta.main) {
  const name = "javascript.grammar";
  const here = (name: string) => new URL(name, import.meta.url);
  const files = generated(await Deno.readTextFile(here(name)), name);
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(here(name), text);
}
