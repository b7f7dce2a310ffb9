import assert from "node:assert/strict";
import { areInstalled } from "../../../tests/fixtures/installed.ts";

const FOLDER = new URL("./python/", import.meta.url);

async function runTool(name: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(name, { args: [...args] }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

/** The machine code of machine.s, as Debian's assembler makes it. */
async function assemble(): Promise<string> {
  const folder = await Deno.makeTempDir({ dir: "/tmp" });
  try {
    await runTool("as", [new URL("machine.s", FOLDER).pathname, "-o", `${folder}/machine.o`]);
    const sections = ["-O", "binary", "-j", ".text"];
    await runTool("objcopy", [...sections, `${folder}/machine.o`, `${folder}/machine.bin`]);
    return (await Deno.readFile(`${folder}/machine.bin`)).toHex();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  // The Debian package `binutils` brings both.
  name: "machine.py holds machine.s, assembled (needs as and objcopy) [S15]",
  ignore: !await areInstalled("as", "objcopy"),
  async fn() {
    const source = await Deno.readTextFile(new URL("machine.py", FOLDER));
    const constant = /CODE = bytes\.fromhex\(([^)]*)\)/.exec(source)?.[1] ?? "";
    const held = [...constant.matchAll(/"([0-9a-f]+)"/g)].map(([, digits]) => digits).join("");
    assert.equal(held, await assemble());
  },
});
