import assert from "node:assert/strict";
import fc from "fast-check";
import { BreakerModel } from "../../tests/fakes/breaker_model.ts";
import { DrivenBreaker } from "../../tests/fixtures/driven_breaker.ts";
import { type BreakerPolicy, USUAL_POLICY, type Verdict } from "./breaker_policy.ts";

/** Rates that are no trouble to floating point. */
const rate = fc.constantFrom(0.25, 0.5, 0.75, 1);

const windows = fc.record({
  over: fc.oneof(
    fc.record({ calls: fc.integer({ min: 1, max: 8 }) }),
    fc.record({ seconds: fc.constantFrom(1, 2, 10) }),
  ),
  minimumCalls: fc.integer({ min: 1, max: 6 }),
  failureRate: fc.option(rate),
  slowCalls: fc.option(fc.record({ seconds: fc.constantFrom(0.5, 2), rate })),
});

const policies: fc.Arbitrary<BreakerPolicy> = fc.oneof(
  fc.constant(USUAL_POLICY),
  fc.record({
    failureThreshold: fc.integer({ min: 1, max: 5 }),
    successThreshold: fc.integer({ min: 1, max: 4 }),
    timeoutSeconds: fc.integer({ min: 1, max: 5 }),
    halfOpenMaxCalls: fc.integer({ min: 1, max: 3 }),
    window: fc.option(windows),
  }),
);

type Command =
  | { readonly kind: "begin" }
  | { readonly kind: "end"; readonly which: number; readonly verdict: Verdict }
  | { readonly kind: "call"; readonly verdict: Verdict }
  | { readonly kind: "wait"; readonly milliseconds: number }
  | { readonly kind: "force"; readonly state: "closed" | "forced_open" | "disabled" };

const verdicts = fc.constantFrom<Verdict>("successful", "failed", "failed", "ignored");

const commands: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("begin" as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("end" as const),
      which: fc.nat(20),
      verdict: verdicts,
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("call" as const), verdict: verdicts }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      milliseconds: fc.oneof(fc.nat(1500), fc.constantFrom(999, 1000, 5000, 60_000)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("force" as const),
      state: fc.constantFrom("closed", "closed", "forced_open", "disabled"),
    }),
  },
);

/** The breaker and its model, told the same. */
class Pair {
  readonly driven: DrivenBreaker;
  readonly model: BreakerModel;
  readonly #halfOpenMaxCalls: number;
  #inHand: string[] = [];
  #begun = 0;

  constructor(policy: BreakerPolicy) {
    this.driven = new DrivenBreaker(policy);
    this.model = new BreakerModel(policy);
    this.#halfOpenMaxCalls = policy.halfOpenMaxCalls;
  }

  async apply(command: Command): Promise<void> {
    switch (command.kind) {
      case "begin":
        return this.#begin();
      case "end":
        return await this.#end(command.which, command.verdict);
      case "call":
        return await this.#call(command.verdict);
      case "wait":
        return this.driven.clock.advance(command.milliseconds);
      case "force":
        return this.#force(command.state);
    }
  }

  compare(after: Command): void {
    const { breaker } = this.driven;
    const { total: _, ...calls } = breaker.metrics().calls;
    const found = { state: breaker.state, calls };
    assert.deepEqual(
      found,
      { state: this.model.state, calls: { ...this.model.calls } },
      after.kind,
    );
    assert.ok(this.model.probes <= this.#halfOpenMaxCalls);
  }

  #begin(): void {
    const name = `call${this.#begun++}`;
    const letIn = this.driven.begin(name);
    assert.equal(letIn, this.model.begin(name, this.driven.clock.monotonic()));
    if (letIn) this.#inHand.push(name);
  }

  async #end(which: number, verdict: Verdict): Promise<void> {
    const name = this.#inHand[which % this.#inHand.length];
    if (name === undefined) return;
    this.#inHand = this.#inHand.filter((other) => other !== name);
    await this.driven.end(name, verdict);
    this.model.end(name, verdict, this.driven.clock.monotonic());
  }

  async #call(verdict: Verdict): Promise<void> {
    const before = this.#inHand.length;
    this.#begin();
    if (this.#inHand.length > before) await this.#end(before, verdict);
  }

  #force(state: "closed" | "forced_open" | "disabled"): void {
    const { breaker, clock } = this.driven;
    if (state === "closed") breaker.reset();
    else if (state === "disabled") breaker.disable();
    else breaker.forceOpen();
    this.model.force(state, clock.monotonic());
  }
}

Deno.test("CircuitBreaker does as its reference model, whatever is done in whatever order [S1, B1]", async () => {
  const seen = new Map<string, number>();
  const follows = fc.asyncProperty(
    policies,
    fc.array(commands, { minLength: 1, maxLength: 120, size: "max" }),
    async (policy, script) => {
      const pair = new Pair(policy);
      for (const command of script) {
        await pair.apply(command);
        pair.compare(command);
      }
      for (const { from, to } of pair.driven.changes) {
        seen.set(`${from} ${to}`, (seen.get(`${from} ${to}`) ?? 0) + 1);
      }
    },
  );
  await fc.assert(follows, { numRuns: 1500 });
  // A model that is never led anywhere agrees with everything.
  for (const change of ["closed open", "open half_open", "half_open closed", "half_open open"]) {
    assert.ok((seen.get(change) ?? 0) > 50, `${change}: ${seen.get(change)}`);
  }
});
