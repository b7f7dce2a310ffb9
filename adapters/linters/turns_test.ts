import assert from "node:assert/strict";
import { isFailure } from "../../domain/errors.ts";
import { Turns } from "./turns.ts";

const NEVER = new AbortController().signal;

function turns(changes: Partial<ConstructorParameters<typeof Turns>[0]> = {}): Turns {
  return new Turns({ places: 2, placesOfCaller: 2, queue: 8, queueOfCaller: 4, ...changes });
}

/** Enters, and notes when it is let in; resolves to what leaves again. */
function entered(door: Turns, caller: string, seen: string[], signal = NEVER) {
  const going = door.enter(caller, signal).then((leave) => {
    seen.push(caller);
    return leave;
  });
  going.catch(() => {});
  return going;
}

Deno.test("Turns serves callers in turn, however much one of them brings [S18]", async () => {
  const door = turns({ places: 1, placesOfCaller: 1 });
  const seen: string[] = [];
  const waiting = ["a", "a", "a", "a", "b", "c", "b"].map((name) => entered(door, name, seen));
  // Whoever is let in leaves at once.
  await Promise.all(waiting.map((one) => one.then((leave) => leave())));
  assert.deepEqual(seen, ["a", "a", "b", "c", "a", "b", "a"]);
});

Deno.test("Turns leaves a place to others, whatever one caller brings [S18]", async () => {
  const door = turns({ places: 2, placesOfCaller: 1 });
  const seen: string[] = [];
  const [first, second, other] = ["a", "a", "b"].map((name) => entered(door, name, seen));
  await Promise.all([first, other]);
  assert.deepEqual(seen, ["a", "b"]);
  (await first)?.();
  (await second)?.();
  (await other)?.();
  assert.deepEqual(seen, ["a", "b", "a"]);
});

Deno.test("Turns refuses who comes when too much waits, of all or of one caller [S18, S35]", async () => {
  const door = turns({ places: 1, placesOfCaller: 1, queue: 3, queueOfCaller: 2 });
  const seen: string[] = [];
  const all = ["a", "a", "a", "b"].map((name) => entered(door, name, seen));
  const failureOf = async (name: string) => {
    const error = await door.enter(name, NEVER).catch((error) => error);
    assert.ok(isFailure(error, "too_many_executions"));
    return error.failure;
  };
  const full = { code: "too_many_executions", running: 1, waiting: 3, retryAfterSeconds: 1 };
  assert.deepEqual(await failureOf("a"), { ...full, own: { inHand: 3, allowed: 3 } });
  assert.deepEqual(await failureOf("c"), full);
  await Promise.all(all.map((one) => one.then((leave) => leave())));
  (await door.enter("c", NEVER))();
});

Deno.test("Turns gives the place in the queue back of whoever leaves [S18]", async () => {
  const door = turns({ places: 1, placesOfCaller: 1, queue: 1, queueOfCaller: 1 });
  const leave = await door.enter("a", NEVER);
  const leaving = new AbortController();
  const left = door.enter("b", leaving.signal);
  leaving.abort();
  await assert.rejects(left, (error) => isFailure(error, "cancelled"));
  await assert.rejects(door.enter("b", leaving.signal), (error) => isFailure(error, "cancelled"));
  const next = door.enter("c", NEVER);
  leave();
  (await next)();
});
