import assert from "node:assert/strict";
import type { Outbox, Waiting } from "../../../domain/ports/outbox.ts";
import { eventually } from "../../../tests/fixtures/eventually.ts";
import { Handover } from "./handover.ts";

/** An outbox in memory. */
class MemoryOutbox implements Outbox {
  entries: Waiting[] = [];
  #last = 0;

  get waiting(): number {
    return this.entries.length;
  }

  put(id: string, body: Uint8Array): Promise<void> {
    this.entries.push({ position: ++this.#last, id, body });
    return Promise.resolve();
  }

  find(id: string): Promise<Uint8Array | null> {
    return Promise.resolve(this.entries.find((entry) => entry.id === id)?.body ?? null);
  }

  after(position: number): Promise<Waiting[]> {
    return Promise.resolve(this.entries.filter((entry) => entry.position > position));
  }

  drop(through: number, from = 0): Promise<void> {
    this.entries = this.entries.filter(({ position }) => position <= from || position > through);
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

function refusal(code: string): Error {
  return Object.assign(new Error("refused"), { name: "Neo4jError", code });
}

Deno.test("Handover tries again what there was no memory for, and holds up nothing behind it [B2]", async () => {
  const outbox = new MemoryOutbox();
  for (const id of ["large", "wrong", "fine"]) await outbox.put(id, new Uint8Array());
  let roomFor = false;
  const kept: string[] = [];
  const keep = (entries: readonly Waiting[]) => {
    const ids = entries.map(({ id }) => id);
    if (ids.includes("wrong")) {
      return Promise.reject(refusal("Neo.ClientError.Statement.TypeError"));
    }
    if (ids.includes("large") && !roomFor) {
      return Promise.reject(refusal("Neo.TransientError.General.MemoryPoolOutOfMemoryError"));
    }
    kept.push(...ids);
    return Promise.resolve();
  };
  const lines: unknown[] = [];
  const log = { write: (...line: unknown[]) => void lines.push(line) };
  await using handover = new Handover({ name: "x", outbox, log, keep, noMemoryMs: 5 });
  await eventually("what is fine kept", () => kept.includes("fine") || null);
  assert.equal(handover.isRefused("large"), false);
  roomFor = true;
  await eventually("what is large kept", () => kept.includes("large") || null);
  await eventually("it dropped", () => outbox.waiting === 1 || null);
  assert.deepEqual([outbox.entries[0]?.id, handover.isRefused("wrong")], ["wrong", true]);
});
