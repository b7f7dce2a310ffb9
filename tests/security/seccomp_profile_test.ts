import assert from "node:assert/strict";
import { evaluate } from "../fixtures/python_modules.ts";

const PROFILE: { readonly syscalls: readonly { readonly names: readonly string[] }[] } = JSON.parse(
  await Deno.readTextFile(new URL("../../deploy/seccomp.json", import.meta.url)),
);
const NAMES = PROFILE.syscalls.flatMap(({ names }) => names);

/** The names in a table of the sandbox's own filter. */
async function namesOf(table: "ALLOWED" | "REFUSED" | "INSPECTED"): Promise<readonly string[]> {
  const code = `import json, syscall_table as t; print(json.dumps(list(t.numbers(t.${table}))))`;
  return await evaluate(code) as readonly string[];
}

Deno.test("the profile for containers lets through all that a run may ask [S16]", async () => {
  const wanted = [...await namesOf("ALLOWED"), ...await namesOf("INSPECTED")];
  assert.ok(wanted.length > 200);
  assert.deepEqual(wanted.filter((name) => !NAMES.includes(name)), []);
});

Deno.test("the profile for containers gives the walls what they need, and no more [S16]", async () => {
  const refused = await namesOf("REFUSED");
  const given = NAMES.filter((name) => refused.includes(name)).sort();
  assert.deepEqual(given, [
    ..."accept accept4 bind chroot connect fsconfig fsmount fsopen".split(" "),
    ..."inotify_add_watch inotify_init inotify_init1 inotify_rm_watch listen".split(" "),
    ..."memfd_create mount mount_setattr move_mount open_tree pivot_root".split(" "),
    ..."sethostname setns socket sync syncfs umount2 unshare".split(" "),
  ]);
});
