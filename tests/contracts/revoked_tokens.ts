import assert from "node:assert/strict";
import { isFailure } from "../../domain/errors.ts";
import type { RevokedTokens } from "../../domain/ports/revoked_tokens.ts";
import { eventually } from "../fixtures/eventually.ts";
import { ManualClock } from "../fakes/manual_clock.ts";

/** A place where revocations are kept, empty at first, and removed when it is closed. */
export interface RevokedTokensPlace extends AsyncDisposable {
  /** Opens what is kept in this place; called again only after the ones before are closed. */
  open(): RevokedTokens;
  /** The ids that lie there, where they outlive the store. */
  stored?(): Promise<readonly string[]>;
}

/** What an implementation may do one way or the other; each way has its own test. */
export interface RevokedTokensFeatures {
  /** Whether revocations outlive the closing of the store. */
  readonly durable: boolean;
}

interface ContractCase {
  readonly behaviour: string;
  check(tokens: RevokedTokens, clock: ManualClock): Promise<void>;
}

const MINUTE = 60_000;

const CASES: readonly ContractCase[] = [
  {
    behaviour: "isRevoked() is false for an id never revoked",
    async check(tokens, clock) {
      await tokens.revoke("a", clock.now() + MINUTE);
      assert.equal(await tokens.isRevoked("b"), false);
      assert.equal(await tokens.isRevoked(""), false);
      assert.equal(await tokens.isRevoked("A"), false);
      assert.equal(await tokens.isRevoked("' OR 1=1 --"), false);
      assert.equal(await tokens.isRevoked("__proto__"), false);
    },
  },
  {
    behaviour: "revoke() is seen at once, for ids of every kind",
    async check(tokens, clock) {
      const ids = ["a", "é😀", "a b", "%", "__proto__", "'; DROP TABLE x; --", "x".repeat(256)];
      for (const id of ids) {
        await tokens.revoke(id, clock.now() + MINUTE);
        assert.equal(await tokens.isRevoked(id), true, id);
      }
    },
  },
  {
    behaviour: "a revocation lapses at its end, and one without an end never",
    async check(tokens, clock) {
      await tokens.revoke("short", clock.now() + MINUTE);
      await tokens.revoke("endless", null);
      clock.advance(MINUTE - 1);
      assert.equal(await tokens.isRevoked("short"), true);
      clock.advance(1);
      assert.equal(await tokens.isRevoked("short"), false);
      clock.advance(1000 * 365 * 24 * 60 * MINUTE);
      await tokens.revoke("other", clock.now() + MINUTE);
      assert.equal(await tokens.isRevoked("endless"), true);
    },
  },
  {
    behaviour: "revoke() again makes it last longer, never shorter",
    async check(tokens, clock) {
      const end = clock.now() + 2 * MINUTE;
      await tokens.revoke("a", end);
      await tokens.revoke("a", end - MINUTE);
      await tokens.revoke("b", null);
      await tokens.revoke("b", end);
      await tokens.revoke("c", end - MINUTE);
      await tokens.revoke("c", end);
      await tokens.revoke("d", end);
      await tokens.revoke("d", null);
      clock.advance(MINUTE + 1);
      for (const id of ["a", "b", "c", "d"]) assert.equal(await tokens.isRevoked(id), true, id);
      clock.advance(MINUTE);
      const left = await Promise.all(["a", "b", "c", "d"].map((id) => tokens.isRevoked(id)));
      assert.deepEqual(left, [false, true, false, true]);
    },
  },
  {
    behaviour: "isKept() is true where revoke() would change nothing",
    async check(tokens, clock) {
      const end = clock.now() + MINUTE;
      await tokens.revoke("a", end + 0.25);
      await tokens.revoke("endless", null);
      const asked: readonly [id: string, until: number | null, isKept: boolean][] = [
        ["a", end, true],
        ["a", end + 0.25, true],
        ["a", end + MINUTE, false],
        ["a", null, false],
        ["b", end, false],
        ["__proto__", end, false],
        ["b", clock.now(), true],
        ["endless", end, true],
        ["endless", null, true],
      ];
      for (const [id, until, isKept] of asked) {
        assert.equal(await tokens.isKept(id, until), isKept, `'${id}' until ${until}`);
      }
      clock.advance(2 * MINUTE);
      assert.equal(await tokens.isKept("a", end), true, "it has lapsed");
    },
  },
  {
    behaviour: "revoke() takes an end between two milliseconds, and lasts no less",
    async check(tokens, clock) {
      const end = clock.now() + MINUTE;
      await tokens.revoke("a", end + 0.1234567);
      await tokens.revoke("b", end - 0.5);
      await tokens.revoke("b", end + 0.5);
      clock.advance(MINUTE);
      assert.equal(await tokens.isRevoked("a"), true);
      assert.equal(await tokens.isRevoked("b"), true);
      clock.advance(1);
      assert.equal(await tokens.isRevoked("a"), false);
      assert.equal(await tokens.isRevoked("b"), false);
    },
  },
  {
    behaviour: "revoke() takes hundreds at once",
    async check(tokens, clock) {
      const ids = Array.from({ length: 500 }, (_, index) => `id-${index}`);
      await Promise.all(ids.map((id) => tokens.revoke(id, clock.now() + MINUTE)));
      const all = await Promise.all(ids.map((id) => tokens.isRevoked(id)));
      assert.ok(all.every(Boolean));
    },
  },
  {
    behaviour: "every method rejects once it is closed, and closing twice is no fault",
    async check(tokens) {
      await tokens[Symbol.asyncDispose]();
      await tokens[Symbol.asyncDispose]();
      const closed = (error: unknown) => isFailure(error, "dependency_unavailable");
      await assert.rejects(tokens.revoke("a", null), closed);
      await assert.rejects(tokens.isRevoked("a"), closed);
      await assert.rejects(tokens.isKept("a", null), closed);
    },
  },
];

/** Holds an implementation of {@link RevokedTokens} to its port's contract. */
export function revokedTokensContract(
  name: string,
  place: (clock: ManualClock) => Promise<RevokedTokensPlace>,
  { durable }: RevokedTokensFeatures,
): void {
  for (const { behaviour, check } of CASES) {
    Deno.test(`${name}: ${behaviour} [S27]`, async () => {
      const clock = new ManualClock();
      await using at = await place(clock);
      await using tokens = at.open();
      await check(tokens, clock);
    });
  }
  Deno.test(`${name}: revocations ${durable ? "outlive" : "end with"} the store [S27]`, async () => {
    const clock = new ManualClock();
    await using at = await place(clock);
    {
      await using tokens = at.open();
      await tokens.revoke("lapses", clock.now() + MINUTE);
      await tokens.revoke("lasts", clock.now() + 3 * MINUTE);
      await tokens.revoke("endless", null);
    }
    clock.advance(2 * MINUTE);
    await using tokens = at.open();
    assert.equal(await tokens.isRevoked("lapses"), false);
    assert.equal(await tokens.isRevoked("lasts"), durable);
    assert.equal(await tokens.isRevoked("endless"), durable);
    if (!durable) return;
    // Lapsed ones would be there for ever.
    await eventually("the lapsed one be deleted, and no other", async () => {
      return `${(await at.stored?.())?.toSorted()}` === "endless,lasts" || null;
    });
  });
}
