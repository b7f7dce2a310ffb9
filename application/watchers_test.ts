import assert from "node:assert/strict";
import { MemoryRevokedTokens } from "../adapters/memory/revoked_tokens.ts";
import { isFailure } from "../domain/errors.ts";
import type { Principal } from "../domain/identity/principal.ts";
import { ManualClock } from "../tests/fakes/manual_clock.ts";
import { eventually } from "../tests/fixtures/eventually.ts";
import { WATCHED_PER_USER, Watchers } from "./watchers.ts";

function setUp() {
  const clock = new ManualClock();
  const revokedTokens = new MemoryRevokedTokens(clock);
  const briefly = (_milliseconds: number, signal: AbortSignal) => {
    if (signal.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, 1);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
    return promise;
  };
  const ada: Principal = {
    ...{ subject: "ada", roles: [] },
    token: { id: "ada-1", expiresAt: clock.now() + 3_600_000 },
  };
  const watchers = new Watchers({ clock, revokedTokens, sleep: briefly });
  return { clock, revokedTokens, ada, watchers };
}

Deno.test("Watchers.enter() takes so many of a user, and others all the same [B7, S30]", () => {
  const { watchers, ada } = setUp();
  const inside = Array.from({ length: WATCHED_PER_USER }, () => watchers.enter(ada));
  assert.throws(
    () => watchers.enter(ada),
    (error) =>
      isFailure(error, "too_many_executions") && "own" in error.failure &&
      error.failure.own?.allowed === WATCHED_PER_USER,
  );
  using _bob = watchers.enter({ subject: "bob", roles: [] });
  const [first] = inside;
  first?.[Symbol.dispose]();
  first?.[Symbol.dispose]();
  inside.push(watchers.enter(ada));
  assert.throws(() => watchers.enter(ada), "leaving twice makes room once");
  for (const one of inside) one[Symbol.dispose]();
});

Deno.test("Watchers.enter() tells when the token is revoked, and when it has expired [B7, S27]", async () => {
  const { watchers, ada, revokedTokens, clock } = setUp();
  using other = watchers.enter({ ...ada, token: { id: "ada-2", expiresAt: clock.now() + 1000 } });
  using watching = watchers.enter(ada);
  await revokedTokens.revoke("ada-1", null);
  await eventually("refused", () => watching.refused.aborted || null);
  assert.ok(isFailure(watching.refused.reason, "token_revoked"));
  assert.equal(other.refused.aborted, false);
  clock.advance(6000);
  await eventually("refused", () => other.refused.aborted || null);
  assert.ok(isFailure(other.refused.reason, "token_expired"));
});
