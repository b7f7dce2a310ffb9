import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import assert from "node:assert/strict";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import { KeepingRoom, StreamStore } from "./stream_store.ts";

const PRIMING = {} as JSONRPCMessage;

function answer(id: number, text = ""): JSONRPCMessage {
  return { jsonrpc: "2.0", id, result: { text } };
}

/** A store in which `taking` says whose request begins a stream. */
function setUp(characters = 1000) {
  const clock = new ManualClock(0);
  const room = new KeepingRoom(characters);
  const answered: unknown[] = [];
  const at = { caller: "a" };
  const make = () =>
    new StreamStore<string>({
      room,
      monotonic: () => clock.monotonic(),
      taking: () => at.caller,
      answered: (id) => answered.push(id),
      sizeBeside: () => 0,
    });
  return { clock, room, answered, at, make, store: make() };
}

async function replayed(store: StreamStore<string>, after: string): Promise<JSONRPCMessage[]> {
  const messages: JSONRPCMessage[] = [];
  await store.replayEventsAfter(after, {
    send: (_id, message) => Promise.resolve(void messages.push(message)),
  });
  return messages;
}

Deno.test("StreamStore keeps answers and requests after an event, and no notifications [S22]", async () => {
  const { store, answered } = setUp();
  const first = await store.storeEvent("s", PRIMING);
  const asked = { jsonrpc: "2.0", id: "q", method: "ping" } as const;
  const second = await store.storeEvent("s", asked);
  await store.storeEvent(
    "s",
    { jsonrpc: "2.0", method: "notifications/progress", params: {} } as never,
  );
  await store.storeEvent("s", answer(1));
  assert.deepEqual(await replayed(store, first), [asked, answer(1)]);
  assert.deepEqual(await replayed(store, second), [answer(1)]);
  assert.deepEqual([store.callerOf(first), answered], ["a", [1]]);
  for (const unknown of ["", "s", "t_1", `${crypto.randomUUID()}_1`]) {
    assert.equal(await store.getStreamIdForEventId(unknown), undefined);
    assert.equal(store.callerOf(unknown), undefined);
  }
});

Deno.test("StreamStore forgets what is answered after a minute, and what is given up at once [S22]", async () => {
  const { store, clock, at } = setUp();
  const first = await store.storeEvent("s", PRIMING);
  await store.storeEvent("s", answer(1));
  at.caller = "b";
  const open = await store.storeEvent("t", PRIMING);
  clock.advance(59_999);
  store.sweep();
  assert.equal(store.callerOf(first), "a");
  clock.advance(1);
  store.sweep();
  assert.deepEqual([store.callerOf(first), store.callerOf(open)], [undefined, "b"]);
  store.forget("b");
  assert.equal(store.callerOf(open), undefined);
});

Deno.test("StreamStore keeps so many answers, and so many characters for all sessions [S22]", async () => {
  const { store, room, make } = setUp();
  const ids: string[] = [];
  for (let at = 0; at < 40; at += 1) {
    ids.push(await store.storeEvent(`s${at}`, PRIMING));
    await store.storeEvent(`s${at}`, answer(at));
  }
  const kept = ids.filter((id) => store.callerOf(id) !== undefined);
  assert.deepEqual(kept, ids.slice(-32));
  const other = make();
  const long = await other.storeEvent("long", PRIMING);
  await other.storeEvent("long", answer(1, "x".repeat(700)));
  assert.equal(other.callerOf(long), "a");
  const longer = await other.storeEvent("longer", PRIMING);
  await other.storeEvent("longer", answer(2, "x".repeat(800)));
  assert.equal(other.callerOf(long), undefined, "its own earlier answers give way");
  assert.equal(other.callerOf(longer), "a");
  const tooLong = await other.storeEvent("too long", PRIMING);
  await other.storeEvent("too long", answer(3, "x".repeat(2000)));
  assert.equal(other.callerOf(tooLong), undefined, "one that is not kept cannot be asked for");
  other[Symbol.dispose]();
  store[Symbol.dispose]();
  assert.equal(room.take(1000), true, "all room is given back");
  assert.equal(room.take(1), false);
});

Deno.test("StreamStore offers no stream again to clients that are told of no beginning [S22]", async () => {
  const { store } = setUp();
  const id = await store.storeEvent("old", answer(1));
  assert.equal(store.callerOf(id), undefined);
  const alone = await store.storeEvent("_GET_stream", {
    jsonrpc: "2.0",
    method: "notifications/x",
  });
  assert.equal(store.callerOf(alone), null);
});
