/**
 * Revokes tokens without end and prints each id once that has resolved. Argument: the database file.
 * Ends only by a signal.
 */
import { openRevokedTokens } from "../revoked_tokens.ts";

const clock = { now: () => 0, monotonic: () => 0 };
const tokens = openRevokedTokens({ path: Deno.args[0] ?? "", clock });
const encoder = new TextEncoder();

for (let count = 0;; count++) {
  const id = `token-${count}`;
  await tokens.revoke(id, count % 2 === 0 ? null : 1000);
  await Deno.stdout.write(encoder.encode(`${id}\n`));
}
