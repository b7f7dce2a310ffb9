import assert from "node:assert/strict";
import { COMMANDS } from "../../tests/fixtures/linter_commands.ts";
import { lintRealFiles } from "../../tests/fixtures/linted_files.ts";
import { areInstalled } from "../../tests/fixtures/installed.ts";
import { RUFF_VERSION } from "./ruff_rules.ts";

/** How many files of each language; some hundred of each are in tests/long. */
const COUNTS = { python: 24, javascript: 16, typescript: 8, bash: 12 } as const;

for (const language of ["python", "javascript", "typescript", "bash"] as const) {
  const command = COMMANDS[language];
  Deno.test({
    name: `Linters find in real files of ${language} what the linter's own command line does ` +
      `(needs ${command}) [S18]`,
    ignore: !await areInstalled(command),
    async fn() {
      const { files, findings, faults } = await lintRealFiles(language, COUNTS[language]);
      assert.ok(
        files >= 8 && findings > 0 && faults < files / 4,
        `${files} files, ${faults} faults`,
      );
    },
  });
}

Deno.test("Linters: Ruff is of the version that they say, as a module and in CI [S18]", async () => {
  const textOf = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
  assert.ok((await textOf("deno.json")).includes(`ruff-wasm-nodejs@${RUFF_VERSION}"`));
  assert.ok((await textOf(".ci/run")).includes(`ruff==${RUFF_VERSION}"`));
});
