import assert from "node:assert/strict";
import { refusalOf } from "./refusal.ts";

const CASES: readonly (readonly [Error, RegExp])[] = [
  [new Error("[Errno 1] unshare user namespace: Operation not permitted"), /user\.max_user_names/],
  [new Error("[Errno 28] clone namespaces: No space left on device"), /user\.max_user_namespaces/],
  [new Error("[Errno 1] mount /proc: Operation not permitted"), /systempaths=unconfined/],
  [new Error("[Errno 22] seccomp: Invalid argument"), /CONFIG_SECCOMP_FILTER/],
  [
    new Deno.errors.NotFound("Failed to spawn '/none': entity not found"),
    /apt-get install python3/,
  ],
  [new Error("processor aarch64: no system-call table for it yet"), /x86-64/],
  [new Error("something else"), /fork_server_said/],
];

for (const [error, remedy] of CASES) {
  Deno.test(`refusalOf() names the remedy for: ${error.message} [S15]`, () => {
    const refusal = refusalOf(error);
    assert.equal(refusal.reason, error.message);
    assert.match(refusal.remedy, remedy);
  });
}
