import assert from "node:assert/strict";
import { outlineOf } from "../../adapters/linters/outline/outline.ts";

/** Prints each script and whether Bash reads it; none is run. */
const ASKED = `
grep -lsIE --max-count=1 '^#! */(usr/)?bin/(env )?(ba|da)?sh' -- /usr/bin/* /usr/sbin/* \
  /etc/init.d/* /var/lib/dpkg/info/*.p* | awk "NR % $1 == 0" | while IFS= read -r script; do
  if bash -n -- "$script" 2>/dev/null; then printf '1%s\\n' "$script"; else printf '0%s\\n' "$script"; fi
done`;

/** Compares for every `step`th script whether it is accepted with what Bash says; how many there were. */
export async function compareScripts(step: number): Promise<number> {
  const { stdout } = await new Deno.Command("bash", { args: ["-c", ASKED, "bash", `${step}`] })
    .output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  for (const line of lines) {
    const path = line.slice(1);
    const { syntaxError } = outlineOf("bash", await Deno.readTextFile(path));
    assert.deepEqual([path, syntaxError === null], [path, line.startsWith("1")]);
  }
  return lines.length;
}
