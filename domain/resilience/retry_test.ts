import assert from "node:assert/strict";
import fc from "fast-check";
import { away, ManualRetrier } from "../../tests/fakes/manual_retrier.ts";
import { seededChance } from "../../tests/fixtures/seeded_chance.ts";
import { isFailure } from "../errors.ts";
import { isTransientGraphFault } from "./graph_faults.ts";
import { RetryBudget, retryWait } from "./retry.ts";

const NEVER = new AbortController().signal;
const LATE = { signal: NEVER, deadline: Infinity };

/** Work that fails so many times, then gives how often it was tried. */
function failingFirst(
  failures: number,
  error: unknown = away(),
): (attempt: number) => Promise<number> {
  return (attempt) => attempt <= failures ? Promise.reject(error) : Promise.resolve(attempt);
}

Deno.test("Retrier.run() tells nothing of a call that goes through at once [S5]", async () => {
  const { retrier, events, waits } = new ManualRetrier();
  assert.equal(await retrier.run(failingFirst(0), LATE), 1);
  assert.deepEqual([events, waits], [[], []]);
});

Deno.test("Retrier.run() hides two failures, and tells of each before it waits [S5]", async () => {
  const manual = new ManualRetrier({ chance: () => 0.5 });
  const error = away();
  assert.equal(await manual.retrier.run(failingFirst(2, error), LATE), 3);
  assert.deepEqual(manual.waits.map((wait) => wait.toFixed(3)), ["0.300", "0.500"]);
  const [first] = manual.events;
  assert.deepEqual(manual.told, ["retried 1", "retried 2", "recovered 3"]);
  assert.ok(first?.kind === "retried");
  assert.equal(first.error, error);
  assert.equal(first.operation, "graph_read");
  assert.equal(first.waitSeconds.toFixed(3), "0.300");
});

Deno.test("Retrier.run() is told of before the wait, not after [S5]", async () => {
  const order: string[] = [];
  const { retrier } = new ManualRetrier({
    onEvent: ({ kind }) => void order.push(kind),
    sleep: () => {
      order.push("sleep");
      return Promise.resolve();
    },
  });
  await retrier.run(failingFirst(1), LATE);
  assert.deepEqual(order, ["retried", "sleep", "recovered"]);
});

Deno.test("Retrier.run() gives up after its attempts, with the last error [S5]", async () => {
  const manual = new ManualRetrier();
  const errors = [away(), away(), away(), away()];
  const work = (attempt: number) => Promise.reject(errors[attempt - 1]);
  await assert.rejects(manual.retrier.run(work, LATE), (error) => error === errors[2]);
  assert.deepEqual(manual.told, ["retried 1", "retried 2", "exhausted 3"]);
});

Deno.test("Retrier.run() tries nothing again that is not transient, nor with one attempt [S5]", async () => {
  const lasting = new ManualRetrier({ isTransient: isTransientGraphFault });
  const error = away({ transient: false });
  await assert.rejects(
    lasting.retrier.run(failingFirst(1, error), LATE),
    (thrown) => thrown === error,
  );
  assert.deepEqual(lasting.told, []);
  const once = new ManualRetrier({ policy: { attempts: 1, minSeconds: 0.2, maxSeconds: 10 } });
  await assert.rejects(once.retrier.run(failingFirst(1), LATE));
  assert.deepEqual(once.told, ["exhausted 1"]);
});

Deno.test("Retrier.run() has recovered when the part answers again, be it with a refusal [S5]", async () => {
  const manual = new ManualRetrier({ isTransient: isTransientGraphFault });
  const refusal = new Error("no such label");
  const work = (attempt: number) => Promise.reject(attempt === 1 ? away() : refusal);
  await assert.rejects(manual.retrier.run(work, LATE), (error) => error === refusal);
  assert.deepEqual(manual.told, ["retried 1", "recovered 2"]);
});

Deno.test("Retrier.run() tries nothing again once the signal is aborted [S5]", async () => {
  const manual = new ManualRetrier();
  const caller = new AbortController();
  const error = away();
  const work = () => {
    caller.abort();
    return Promise.reject(error);
  };
  const bounds = { signal: caller.signal, deadline: Infinity };
  await assert.rejects(manual.retrier.run(work, bounds), (thrown) => thrown === error);
  assert.deepEqual(manual.told, []);
});

Deno.test("Retrier.run() ends as cancelled when the signal is aborted during a wait [S5]", async () => {
  const caller = new AbortController();
  const sleep = () => {
    caller.abort();
    return Promise.resolve();
  };
  let attempts = 0;
  const manual = new ManualRetrier({ sleep });
  const work = () => {
    attempts += 1;
    return Promise.reject(away());
  };
  const run = manual.retrier.run(work, { signal: caller.signal, deadline: Infinity });
  await assert.rejects(run, (error) => isFailure(error, "cancelled"));
  assert.deepEqual([attempts, manual.told], [1, ["retried 1"]]);
});

Deno.test("Retrier.run() begins no attempt at its deadline or later, whatever chance says [S5]", async () => {
  await fc.assert(fc.asyncProperty(
    fc.nat(2000),
    fc.nat(300),
    fc.integer(),
    async (deadline, workMs, seed) => {
      const manual = new ManualRetrier({
        chance: seededChance(seed),
        policy: { attempts: 20, minSeconds: 0.05, maxSeconds: 1 },
      });
      const began: number[] = [];
      const work = () => {
        began.push(manual.clock.monotonic());
        manual.clock.advance(workMs);
        return Promise.reject(away());
      };
      await assert.rejects(manual.retrier.run(work, { signal: NEVER, deadline }));
      assert.ok(began.slice(1).every((time) => time < deadline), `${began} by ${deadline}`);
      assert.equal(began.length, manual.waits.length + 1, "it waited for nothing");
    },
  ));
});

Deno.test("Retrier.run() counts a wait that ends just at its deadline as too long [S5]", async () => {
  for (const [deadline, attempts] of [[200, 1], [201, 2]] as const) {
    const { retrier, told } = new ManualRetrier();
    const error = away();
    let tried = 0;
    const work = () => {
      tried += 1;
      return Promise.reject(error);
    };
    await assert.rejects(
      retrier.run(work, { signal: NEVER, deadline }),
      (thrown) => thrown === error,
    );
    assert.equal(tried, attempts, String(told));
  }
});

Deno.test("Retrier.deadlineIn() and secondsUntil() tell time by the retrier's clock [S5]", () => {
  const { retrier, clock } = new ManualRetrier();
  const deadline = retrier.deadlineIn(5);
  clock.advance(3500);
  assert.equal(retrier.secondsUntil(deadline), 1.5);
  clock.advance(3500);
  assert.equal(retrier.secondsUntil(deadline), 0);
});

Deno.test("retryWait() lies between the shortest wait and one that doubles up to the longest [S5]", () => {
  const policy = { attempts: 9, minSeconds: 0.2, maxSeconds: 10 };
  const most = [1, 2, 3, 4, 5, 6, 7].map((attempts) => retryWait(policy, attempts, 1));
  assert.deepEqual(most, [0.4, 0.8, 1.6, 3.2, 6.4, 10, 10]);
  for (const attempts of [1, 2, 7, 1000]) assert.equal(retryWait(policy, attempts, 0), 0.2);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempts, chance) => {
        const wait = retryWait(policy, attempts, chance);
        assert.ok(wait >= 0.2 && wait <= 10);
      },
    ),
  );
});

Deno.test("retryWait() spreads callers over the whole of it [S5]", () => {
  const policy = { attempts: 3, minSeconds: 0.2, maxSeconds: 10 };
  const chance = seededChance(1);
  const tenths = new Array<number>(10).fill(0);
  for (let caller = 0; caller < 10_000; caller += 1) {
    const share = (retryWait(policy, 2, chance()) - 0.2) / 0.6;
    tenths[Math.floor(share * 10)]! += 1;
  }
  assert.ok(tenths.every((callers) => callers > 850 && callers < 1150), String(tenths));
});

Deno.test("RetryBudget allows ten retries, then one for each ten calls [S5]", () => {
  const budget = new RetryBudget();
  const spendAll = () => {
    let spent = 0;
    while (budget.spend()) spent += 1;
    return spent;
  };
  assert.equal(spendAll(), 10);
  for (let call = 0; call < 9; call += 1) budget.earn();
  assert.equal(spendAll(), 0);
  budget.earn();
  assert.equal(spendAll(), 1);
  for (let call = 0; call < 100_000; call += 1) budget.earn();
  assert.equal(spendAll(), 10, "no more is saved");
});

Deno.test("Retrier.run() adds no more than a tenth while everything fails, and says why [S5]", async () => {
  const manual = new ManualRetrier();
  let attempts = 0;
  const work = () => {
    attempts += 1;
    return Promise.reject(away());
  };
  for (let call = 0; call < 10_000; call += 1) {
    await assert.rejects(manual.retrier.run(work, LATE));
  }
  assert.ok(attempts <= 11_010, `${attempts} attempts`);
  assert.ok(attempts >= 10_900, `${attempts} attempts`);
  assert.ok(manual.told.includes("budget 1"));
});

for (const seed of [1, 2, 3]) {
  Deno.test(`Retrier.run() hides 99 % of faults that hit 5 % of attempts, with 1.1 attempts a call (seed ${seed}) [S5]`, async () => {
    const chance = seededChance(seed);
    const manual = new ManualRetrier({ chance });
    let [attempts, hit, seen] = [0, 0, 0];
    for (let call = 0; call < 50_000; call += 1) {
      let faults = 0;
      const work = () => {
        attempts += 1;
        if (chance() >= 0.05) return Promise.resolve();
        faults += 1;
        return Promise.reject(away());
      };
      await manual.retrier.run(work, LATE).catch(() => seen += 1);
      if (faults > 0) hit += 1;
    }
    assert.ok(hit > 2300 && hit < 2700, `${hit} calls were hit`);
    assert.ok(seen <= hit * 0.01, `${seen} of ${hit} were seen`);
    assert.ok(attempts / 50_000 < 1.1, `${attempts / 50_000} attempts a call`);
    assert.equal(manual.events.some(({ kind }) => kind === "budget"), false);
  });
}
