/** Writes tables.ts and terms.ts from python.grammar; `check` says whether they are what it would write. */
import { buildParserFile } from "@lezer/generator";

/** The text of each generated file, by its name. */
export function generated(
  grammar: string,
  fileName = "python.grammar",
): Readonly<Record<"tables.ts" | "terms.ts", string>> {
  const { parser, terms } = buildParserFile(grammar, {
    fileName,
    typeScript: true,
    moduleStyle: "es",
  });
  const imports = parser.replaceAll(/from "\.\/tokens"/g, 'from "./tokens.ts"')
    .replaceAll(/from "\.\/tables\.terms"/g, 'from "./terms.ts"');
  return { "tables.ts": withHead(imports, fileName), "terms.ts": withHead(terms, fileName) };
}

function withHead(text: string, fileName: string): string {
  const body = text.replace(/^\/\/ This file was generated.*\n/, "");
  return `// Made of ${fileName} by \`deno task grammar\`. Do not edit.\n${body.trimEnd()}\n`;
}

if (import.meta.main) {
  const here = (name: string) => new URL(name, import.meta.url);
  const files = generated(await Deno.readTextFile(here("python.grammar")));
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(here(name), text);
}
