import assert from "node:assert/strict";
import { DomainError } from "../../domain/errors.ts";
import { type Asking, Flight } from "./flight.ts";
import { culpritAmong, endsIn, inOrder, mayGo, READS_OF_A_CALLER } from "./right_of_way.ts";

const STAYING = new AbortController().signal;
/** What the callers were told of the time's end. */
const CANCELLED = new DomainError({ code: "cancelled" });

interface Trial {
  readonly flights: Flight[];
  flight(lane: Asking["lane"], changes?: Partial<Flight>, asking?: Partial<Asking>): Flight;
}

/** Flights whose timers are gone when the trial is over. */
function tried(check: (trial: Trial) => void | Promise<void>): () => Promise<void> {
  return async () => {
    const flights: Flight[] = [];
    const trial: Trial = {
      flights,
      flight(lane, changes = {}, asking = {}) {
        const flight = new Flight({ id: flights.length, topic: "ping", question: null }, {
          lane,
          caller: null,
          timeoutSeconds: 30,
          signal: STAYING,
          overdue: () => CANCELLED,
          guilty: () => CANCELLED,
          ...asking,
        }, () => {});
        flight.promise.catch(() => {});
        flights.push(Object.assign(flight, changes));
        return flight;
      },
    };
    await check(trial);
    for (const flight of flights) flight.fail(CANCELLED);
    for (const flight of flights) flight.drop();
  };
}

const LEFT = { settled: true, leftAt: 1000 };

Deno.test(
  "endsIn() ends the engine at once where only reads are at work that nobody waits for [S10, B3]",
  tried(({ flight }) => {
    assert.equal(endsIn([], 1000), null);
    assert.equal(endsIn([flight("read"), flight("write")], 1000), null);
    assert.equal(endsIn([flight("read", LEFT)], 1000), 0);
    assert.equal(endsIn([flight("read", LEFT), flight("beside")], 1000), 0);
    assert.equal(endsIn([flight("write", LEFT), flight("read")], 1000), 0);
  }),
);

Deno.test(
  "endsIn() lets a write in hand come to its end, and what was interrupted before [S9, B3]",
  tried(({ flight }) => {
    const left = flight("read", LEFT);
    assert.equal(endsIn([left, flight("write")], 1000), 10_000);
    assert.equal(endsIn([left, flight("write")], 12_000), 0);
    assert.equal(endsIn([left, flight("read")], 1500), 1500);
    assert.equal(endsIn([left, flight("read", { interrupted: true })], 90_000), Infinity);
  }),
);

Deno.test(
  "mayGo() gives writes their way, and an interrupted one the engine for itself [S9, B3]",
  tried(({ flight }) => {
    const [read, write] = [flight("read"), flight("write")];
    assert.equal(mayGo(write, [read, read, read, read]), true);
    assert.equal(mayGo(write, [flight("write")]), false);
    assert.equal(mayGo(read, [write, flight("read", LEFT)]), false, "the end is near");
    assert.equal(mayGo(read, [write, flight("read")]), true);
    const again = flight("write", { interrupted: true });
    assert.equal(mayGo(again, [read]), false);
    assert.equal(mayGo(read, [again]), false);
    assert.equal(mayGo(again, []), true);
    assert.equal(mayGo(flight("beside"), [again]), true);
    assert.deepEqual(inOrder([read, again, read, write]), [again, write, read, read]);
  }),
);

Deno.test(
  "mayGo() leaves places for others than the caller who has its share [S10, B3]",
  tried(({ flight }) => {
    const of = (caller: string | null) => flight("read", {}, { caller });
    const share = Array.from({ length: READS_OF_A_CALLER }, () => of("mallory"));
    assert.equal(mayGo(of("mallory"), share), false);
    assert.equal(mayGo(of("mallory"), share.slice(1)), true);
    assert.equal(mayGo(of("ada"), share), true);
    assert.equal(mayGo(of(null), share), true);
    assert.equal(mayGo(of("eve"), [...share, of("ada"), of("ada")]), false);
    const left = flight("read", LEFT, { caller: "mallory" });
    assert.equal(mayGo(of("mallory"), [left, ...share.slice(1)]), false, "it is still at work");
  }),
);

Deno.test(
  "culpritAmong() blames what was in hand alone, or was suspected before [S10, B3]",
  tried(({ flight }) => {
    const [read, write, suspect] = [flight("read"), flight("write"), flight("read", { losses: 1 })];
    assert.equal(culpritAmong([flight("beside"), read]), read);
    assert.equal(culpritAmong([read, write]), null);
    assert.equal(culpritAmong([suspect, write]), suspect);
    assert.equal(culpritAmong([]), null);
  }),
);

for (
  const [what, lane, changes, expected] of [
    ["a write that others' reads have interrupted", "write", { hindered: true }, true],
    ["a write behind other writes", "write", { heldBack: true }, false],
    ["a read that waits for a place", "read", { heldBack: true }, true],
    ["a read that the engine is at work on", "read", { airborne: true }, false],
  ] as const
) {
  const blame = expected ? "others" : "the engine";
  Deno.test(
    `Flight tells that ${what} is late because of ${blame} [S3, B3]`,
    tried(async ({ flight }) => {
      const told: boolean[] = [];
      const overdue = (hindered: boolean) => {
        told.push(hindered);
        return CANCELLED;
      };
      const late = flight(lane, changes, { timeoutSeconds: 0.01, overdue });
      await assert.rejects(late.promise, CANCELLED);
      assert.deepEqual(told, [expected]);
    }),
  );
}
