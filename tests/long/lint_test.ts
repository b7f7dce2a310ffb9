import assert from "node:assert/strict";
import { HOSTILE_TEXTS, withstands } from "../fixtures/hostile_texts.ts";
import { COMMANDS } from "../fixtures/linter_commands.ts";
import { lintRealFiles } from "../fixtures/linted_files.ts";
import { areInstalled } from "../fixtures/installed.ts";

/** How many files of each language, where there are as many. */
const COUNTS = { python: 300, javascript: 150, typescript: 100, bash: 100 } as const;

for (const language of ["python", "javascript", "typescript", "bash"] as const) {
  const command = COMMANDS[language];
  Deno.test({
    name:
      `Linters find in hundreds of real files of ${language} what the linter's own command line ` +
      `does (needs ${command}) [S18]`,
    ignore: !await areInstalled(command),
    async fn() {
      const { files, findings, faults } = await lintRealFiles(language, COUNTS[language]);
      assert.ok(files >= 50 && findings > files && faults < files / 10, `${files}, ${faults}`);
    },
  });
}

Deno.test("lint_code withstands every hostile text, all at once [S18, S35]", async () => {
  await withstands(HOSTILE_TEXTS);
});
