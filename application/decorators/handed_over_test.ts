import assert from "node:assert/strict";
import { DomainError } from "../../domain/errors.ts";
import type { JobEnd } from "../../domain/ports/job_queue.ts";
import { queuedJob, sampleJob, sampleRequest } from "../../tests/contracts/job_queue_samples.ts";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import { handedOver } from "./handed_over.ts";

/** A job whose run ends so, with a record that is handed over after so many looks, or never. */
async function endOf(
  end: JobEnd,
  { looks = Infinity, closing = new AbortController(), isWaiting }: {
    readonly looks?: number;
    readonly closing?: AbortController;
    readonly isWaiting?: () => Promise<boolean>;
  } = {},
): Promise<{ readonly end: JobEnd; readonly looked: number; readonly waited: number }> {
  const clock = new ManualClock();
  const begun = clock.monotonic();
  let looked = 0;
  const run = handedOver(() => Promise.resolve(end), {
    clock,
    closing: closing.signal,
    isWaiting: isWaiting ?? (() => Promise.resolve(looked++ < looks)),
    sleep: (milliseconds) => Promise.resolve(void clock.advance(milliseconds)),
  });
  const job = queuedJob(sampleJob());
  const { signal } = new AbortController();
  const [started, wrote] = [() => {}, () => {}];
  const request = () => Promise.resolve(sampleRequest());
  const ended = await run({ job, request, signal, started, wrote });
  return { end: ended, looked, waited: clock.monotonic() - begun };
}

for (const state of ["done", "cancelled"] as const) {
  Deno.test(`handedOver() ends a job that is ${state} once all find its record, and not before [B7]`, async () => {
    const { end, looked } = await endOf({ end: state }, { looks: 3 });
    assert.deepEqual([end, looked], [{ end: state }, 4]);
  });

  Deno.test(`handedOver() gives a job that is ${state} back when its record stays here [B7]`, async () => {
    const { end, waited } = await endOf({ end: state });
    assert.deepEqual(end, { end: "again", delaySeconds: 10, counted: false });
    assert.ok(waited >= 30_000, `${waited}`);
  });

  Deno.test(`handedOver() gives a job that is ${state} back at once where the worker closes [B7]`, async () => {
    const closing = new AbortController();
    closing.abort();
    const { end, waited } = await endOf({ end: state }, { closing });
    assert.deepEqual([end, waited], [{ end: "again", delaySeconds: 0, counted: false }, 0]);
    assert.deepEqual((await endOf({ end: state }, { closing, looks: 0 })).end, { end: state });
  });
}

Deno.test("handedOver() looks for no record of a job that has none [B7]", async () => {
  const again = { end: "again", delaySeconds: 2, counted: true } as const;
  const dead = { end: "dead", failure: { code: "code_rejected", findings: [] } } as const;
  for (const end of [again, dead]) {
    const ended = await endOf(end);
    assert.deepEqual([ended.end, ended.looked], [end, 0]);
  }
});

Deno.test("handedOver() ends a job as dead whose record is refused, and only then [B7]", async () => {
  const failure = {
    code: "dependency_unavailable",
    dependency: "records",
    reason: "refused",
    remedy: null,
    retryAfterSeconds: 1,
  } as const;
  const ends = (transient?: boolean) => {
    const isWaiting = () =>
      Promise.reject(
        new DomainError(transient === undefined ? failure : { ...failure, transient }),
      );
    return endOf({ end: "done" }, { isWaiting });
  };
  assert.deepEqual((await ends(false)).end, {
    end: "dead",
    failure: { ...failure, transient: false },
  });
  await assert.rejects(ends(), DomainError);
});
