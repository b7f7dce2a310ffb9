import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { MemoryAuditLog } from "../adapters/memory/audit_log.ts";
import { MemoryCache } from "../adapters/memory/cache.ts";
import { MemoryExecutionRecords } from "../adapters/memory/execution_records.ts";
import { DomainError, isFailure } from "../domain/errors.ts";
import { NO_FILES } from "../domain/execution/files.ts";
import { DEFAULT_LIMITS } from "../domain/execution/limits.ts";
import type { ExecutionRecord, Outcome } from "../domain/execution/outcome.ts";
import type { ExecutionRequest } from "../domain/execution/request.ts";
import type { CodePolicy } from "../domain/policy/finding.ts";
import { sampleRecord } from "../tests/contracts/execution_records.ts";
import { ManualClock } from "../tests/fakes/manual_clock.ts";
import { AuditTrail } from "./audit_trail.ts";
import { LoadCounts } from "./decorators/cached.ts";
import { type AskedRun, EarlierRuns, type RememberedRun } from "./earlier_runs.ts";
import type { ExecutionWatcher } from "./execution_watcher.ts";
import type { RequestContext } from "./request_context.ts";

const REQUEST: ExecutionRequest = {
  language: "python",
  code: "print(1)",
  stdin: "",
  args: ["a", "b"],
  environment: { A: "1", B: "2" },
  ...NO_FILES,
  files: [{ path: "in.csv", content: new Uint8Array([1, 2]) }],
  limits: DEFAULT_LIMITS,
};
const TTL_SECONDS = 60;

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** How a test's caller asks. */
interface Asking {
  readonly request?: Partial<ExecutionRequest>;
  readonly subject?: string;
  readonly signal?: AbortSignal;
  readonly watcher?: ExecutionWatcher;
}

/** Earlier runs over a program that a test ends, or that ends at once as it says. */
class Place {
  readonly clock = new ManualClock();
  readonly log = new MemoryAuditLog();
  readonly records = new MemoryExecutionRecords();
  readonly counts = new LoadCounts();
  policy: CodePolicy = "warn";
  toolchain = "python 3.13";
  outcome: Outcome = "ok";
  runs = 0;
  /** What goes on in a run before it ends. */
  within: (context: RequestContext, watcher?: ExecutionWatcher) => Promise<void> | void = () => {};
  readonly cache = new MemoryCache<RememberedRun>({
    maxSize: 100,
    monotonic: () => this.clock.monotonic(),
    resolutionMilliseconds: 0,
  });
  #earlier = this.#open();
  #events = 0;

  /** The same cache under another setting. */
  reopen(): void {
    this.#earlier = this.#open();
  }

  ask({ request = {}, subject = "ada", signal, watcher }: Asking = {}) {
    const context: RequestContext = {
      principal: { subject, roles: ["developer"] },
      correlationId: "correlation-1",
      signal: signal ?? new AbortController().signal,
    };
    const asked: AskedRun = {
      request: { ...REQUEST, ...request },
      context,
      watcher,
      run: (...heard) => this.#run(subject, ...heard),
    };
    return this.#earlier.answer(asked);
  }

  async #run(
    owner: string,
    context: RequestContext,
    watcher: ExecutionWatcher | undefined,
  ): Promise<ExecutionRecord> {
    this.runs += 1;
    const id = `run-${this.runs}`;
    watcher?.started({ id, language: "python", createdAt: "2026-01-01T00:00:00.000Z" });
    await this.within(context, watcher);
    const record = sampleRecord({ id, owner, outcome: this.outcome });
    await this.records.save(record);
    return record;
  }

  #open(): EarlierRuns {
    return new EarlierRuns({
      cache: this.cache,
      counts: this.counts,
      ttlSeconds: TTL_SECONDS,
      records: this.records,
      audit: new AuditTrail({
        log: this.log,
        clock: this.clock,
        newId: () => `event-${this.#events += 1}`,
        telemetry: { record: () => {} },
        faults: { write: () => {} },
      }),
      sha256,
      policy: this.policy,
      toolchain: () => this.toolchain,
      sleep: () => Promise.resolve(),
    });
  }
}

Deno.test("EarlierRuns.answer() runs once what the same caller asks for again, and gives that very record [S23, B5]", async () => {
  const place = new Place();
  const { cached, ...first } = await place.ask();
  assert.equal(cached, false);
  assert.deepEqual(await place.ask(), { ...first, cached: true });
  const reordered = { environment: { B: "2", A: "1" } };
  assert.deepEqual(await place.ask({ request: reordered }), { ...first, cached: true });
  assert.equal(place.runs, 1);
  place.clock.advance(TTL_SECONDS * 1000 + 1);
  assert.equal((await place.ask()).cached, false);
});

const OTHERS: Readonly<Record<string, Asking>> = {
  "another caller": { subject: "bob" },
  "another language": { request: { language: "bash" } },
  "other code": { request: { code: "print(2)" } },
  "other input": { request: { stdin: "x" } },
  "other arguments": { request: { args: ["b", "a"] } },
  "arguments cut elsewhere": { request: { args: ["ab"] } },
  "another environment": { request: { environment: { A: "1", B: "3" } } },
  "another file's name": {
    request: { files: [{ path: "in.txt", content: new Uint8Array([1, 2]) }] },
  },
  "another file's content": {
    request: { files: [{ path: "in.csv", content: new Uint8Array([1, 3]) }] },
  },
  "other outputs": { request: { outputs: { patterns: ["*"], maxFiles: 1, maxBytes: 1 } } },
  "another limit": { request: { limits: { ...DEFAULT_LIMITS, memoryMb: 64 } } },
  "another timeout": { request: { limits: { ...DEFAULT_LIMITS, timeoutSeconds: 7.5 } } },
};

for (const [what, asking] of Object.entries(OTHERS)) {
  Deno.test(`EarlierRuns.answer() runs for ${what} [S23]`, async () => {
    const place = new Place();
    const first = await place.ask();
    const other = await place.ask(asking);
    assert.deepEqual([other.cached, place.runs], [false, 2]);
    assert.deepEqual([(await place.ask()).id, (await place.ask(asking)).id], [first.id, other.id]);
  });
}

Deno.test("EarlierRuns.answer() runs anew under another policy, and by another interpreter [S23]", async () => {
  const place = new Place();
  await place.ask();
  place.toolchain = "python 3.14";
  assert.equal((await place.ask()).cached, false);
  place.policy = "reject";
  place.reopen();
  assert.equal((await place.ask()).cached, false);
  place.policy = "warn";
  place.toolchain = "python 3.13";
  place.reopen();
  assert.deepEqual([(await place.ask()).cached, place.runs], [true, 3]);
});

for (const outcome of ["nonzero", "signal", "timeout", "memory", "cpu", "output"] as const) {
  Deno.test(`EarlierRuns.answer() remembers no run that ended '${outcome}' [S23]`, async () => {
    const place = new Place();
    place.outcome = outcome;
    assert.equal((await place.ask()).cached, false);
    place.outcome = "ok";
    const second = await place.ask();
    assert.deepEqual([second.cached, second.outcome, place.runs], [false, "ok", 2]);
  });
}

Deno.test("EarlierRuns.answer() remembers no run that was refused or failed [S23]", async () => {
  const place = new Place();
  place.within = () => {
    throw new DomainError({ code: "shutting_down", retryAfterSeconds: 1 });
  };
  await assert.rejects(place.ask(), (error) => isFailure(error, "shutting_down"));
  place.within = () => {};
  assert.deepEqual([(await place.ask()).cached, place.runs], [false, 2]);
});

Deno.test("EarlierRuns.answer() lets those who ask meanwhile wait for the one run, however it ends [S23, B5]", async () => {
  for (const outcome of ["ok", "nonzero"] as const) {
    const place = new Place();
    const ending = Promise.withResolvers<void>();
    place.outcome = outcome;
    place.within = () => ending.promise;
    const asked = Array.from({ length: 100 }, () => place.ask());
    ending.resolve();
    const answers = await Promise.all(asked);
    assert.ok(answers.every((answer) => answer.id === "run-1" && answer.outcome === outcome));
    assert.equal(answers.filter(({ cached }) => cached).length, 99);
    assert.deepEqual([place.runs, place.counts.sharedLoads], [1, 99]);
  }
});

Deno.test("EarlierRuns.answer() tells the audit who was given whose earlier run, before it answers [S33]", async () => {
  const place = new Place();
  await place.ask();
  assert.deepEqual(place.log.events, [], "the run itself tells of a run");
  await place.ask();
  const told = place.log.events.map(({ type, userId, details }) => [type, userId, details]);
  const details = { resource: "execution", owner: "ada", id: "run-1" };
  assert.deepEqual(told, [["data_accessed", "ada", details]]);
  await place.log[Symbol.asyncDispose]();
  await assert.rejects(place.ask(), (error) => isFailure(error, "dependency_unavailable"));
});

Deno.test("EarlierRuns.answer() runs anew where the record has gone [S23]", async () => {
  const place = new Place();
  await place.ask();
  const gone = { find: () => Promise.resolve(null) };
  Object.assign(place.records, gone);
  const again = await place.ask();
  assert.deepEqual([again.cached, again.id, place.runs], [false, "run-2", 2]);
});

/** A watcher that keeps what it hears; `take` holds each piece back. */
function listener(take?: Promise<void>) {
  const heard: string[] = [];
  const watcher: ExecutionWatcher = {
    started: ({ id }) => void heard.push(`started ${id}`),
    wrote(stream, text) {
      heard.push(`${stream} ${text}`);
      return take;
    },
  };
  return { heard, watcher };
}

Deno.test("EarlierRuns.answer() tells a watcher of the start alone when the run is an earlier one [B5]", async () => {
  const place = new Place();
  place.within = (_context, watcher) => watcher?.wrote("stdout", "1\n") ?? undefined;
  const [first, second] = [listener(), listener()];
  await place.ask({ watcher: first.watcher });
  await place.ask({ watcher: second.watcher });
  assert.deepEqual(first.heard, ["started run-1", "stdout 1\n"]);
  assert.deepEqual(second.heard, ["started run-1"]);
});

Deno.test("EarlierRuns.answer() goes on for those who stay when the one who began leaves, unheard [S23, B5]", async () => {
  const place = new Place();
  const [begun, ending] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let ended: AbortSignal | undefined;
  place.within = async ({ signal }, watcher) => {
    ended = signal;
    const taken = watcher?.wrote("stdout", "held back by who has not left yet");
    begun.resolve();
    await taken;
    await ending.promise;
    await watcher?.wrote("stdout", "for nobody");
  };
  const leaver = new AbortController();
  const { heard, watcher } = listener(new Promise(() => {}));
  const left = place.ask({ signal: leaver.signal, watcher });
  const stays = place.ask();
  await begun.promise;
  leaver.abort();
  await assert.rejects(left, (error) => isFailure(error, "cancelled"));
  ending.resolve();
  assert.deepEqual([(await stays).id, (await stays).cached, ended?.aborted], [
    "run-1",
    true,
    false,
  ]);
  assert.deepEqual(heard, ["started run-1", "stdout held back by who has not left yet"]);
});

Deno.test("EarlierRuns.answer() ends the run when all have left, and the next begins another [S23, B5]", async () => {
  const place = new Place();
  place.within = ({ signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(new DomainError({ code: "cancelled" })));
    });
  const callers = [new AbortController(), new AbortController()];
  const asked = callers.map(({ signal }) => place.ask({ signal }));
  for (const caller of callers) caller.abort();
  for (const run of asked) await assert.rejects(run, (error) => isFailure(error, "cancelled"));
  place.within = () => {};
  assert.deepEqual([(await place.ask()).id, place.runs], ["run-2", 2]);
});
