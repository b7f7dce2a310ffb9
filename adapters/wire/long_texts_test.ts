import assert from "node:assert/strict";
import { toJson } from "./json.ts";
import { LongTexts } from "./long_texts.ts";

const PIECE = 65_536;
const LONG = 3 * PIECE;

/** The chunks of a body, each as text. */
async function chunksOf(body: string | ReadableStream<Uint8Array>): Promise<string[]> {
  if (typeof body === "string") return [body];
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return await Array.fromAsync(body, (chunk) => decoder.decode(chunk));
}

async function sent(value: object): Promise<string> {
  return (await chunksOf(new LongTexts().body(value))).join("");
}

const TEXTS: Readonly<Record<string, string>> = {
  "plain text": "x".repeat(LONG),
  "live markup": "<>&\u2028\u2029".repeat(PIECE),
  "control characters": '\0\x01\n"\\'.repeat(PIECE),
  "surrogate pairs over every edge": "x" + "😀".repeat(PIECE),
  "lone surrogates at every edge": ("x".repeat(PIECE - 1) + "\ud83d").repeat(3),
  "a lone low surrogate at an edge": "x".repeat(PIECE) + "\ude00".repeat(PIECE),
  "a pair cut by the end": "x".repeat(PIECE - 1) + "😀",
  "one unit over": "é".repeat(PIECE + 1),
};

for (const [what, text] of Object.entries(TEXTS)) {
  Deno.test(`LongTexts.body() sends the same bytes as all at once: ${what} [S31]`, async () => {
    const value = { a: text, short: "<b>", nested: [{ b: text }, null, 1.5], c: "" };
    assert.equal(await sent(value), toJson(value));
  });
}

Deno.test("LongTexts.body() is plain text while all is short [S31]", () => {
  const value = { a: "<".repeat(PIECE), b: null };
  assert.equal(new LongTexts().body(value), toJson(value));
});

Deno.test("LongTexts.body() leaves the event loop free between small pieces [S31]", async () => {
  let turns = 0;
  let going = true;
  const turn = () => {
    turns += 1;
    if (going) setImmediate(turn);
  };
  setImmediate(turn);
  const chunks = await chunksOf(new LongTexts().body({ a: "<".repeat(100 * PIECE) }));
  going = false;
  assert.ok(chunks.length > 100 && turns >= 100, `${chunks.length} chunks, ${turns} turns`);
  assert.ok(chunks.every(({ length }) => length <= 6 * PIECE));
});

Deno.test("LongTexts.fill() finds what it holds however the text is cut [S31]", async () => {
  const texts = new LongTexts();
  const value = { a: "x".repeat(PIECE + 1), b: "<".repeat(PIECE + 1) };
  const json = JSON.stringify({ a: texts.hold(value.a), b: `said: ${texts.hold(value.b)}!` });
  assert.ok(json.length < 200);
  const cut = ReadableStream.from(json.match(/.{1,7}/g) ?? []);
  const filled = (await chunksOf(texts.fill(cut))).join("");
  assert.equal(filled, toJson({ a: value.a, b: `said: ${value.b}!` }));
});

Deno.test("LongTexts.fill() ends its source when nobody reads on", async () => {
  const cancelled = Promise.withResolvers<unknown>();
  const source = new ReadableStream<string>({ cancel: cancelled.resolve });
  const reader = new LongTexts().fill(source).getReader();
  const waiting = reader.read();
  await reader.cancel("left");
  assert.equal(await cancelled.promise, "left");
  assert.equal((await waiting).done, true);
});

Deno.test("LongTexts.follow() tells when a text has been taken [B5]", async () => {
  const texts = new LongTexts();
  const [first, second] = [texts.follow("one<"), texts.follow("two")];
  const taken: string[] = [];
  first.taken.then(() => taken.push("first"));
  second.taken.then(() => taken.push("second"));
  const source = ReadableStream.from([`{"a":"${first.mark}"}`, `{"b":"${second.mark}"}`]);
  const reader = texts.fill(source).getReader();
  let sent = "";
  const next = async () => sent += new TextDecoder().decode((await reader.read()).value);
  await next();
  await next();
  assert.deepEqual([sent, taken], ['{"a":"one\\u003c', []]);
  await next();
  assert.deepEqual(taken, ["first"]);
  for (let turn = 0; turn < 5; turn += 1) await next();
  assert.deepEqual([sent, taken], ['{"a":"one\\u003c"}{"b":"two"}', ["first", "second"]]);
});

Deno.test("LongTexts.fill() ends where somebody else notices that its reader has left, unless all is sent [B5]", async () => {
  const fates: unknown[] = [];
  const fate = { done: () => fates.push("done"), left: (reason: unknown) => fates.push(reason) };
  const leaving = new AbortController();
  let ended: unknown;
  const endless = new ReadableStream<string>({
    pull: (controller) => controller.enqueue("1"),
    cancel: (reason) => void (ended = reason),
  });
  const texts = new LongTexts();
  const reader = texts.fill(endless, fate, leaving.signal).getReader();
  await reader.read();
  const followed = texts.follow("x".repeat(LONG));
  leaving.abort("gone");
  await assert.rejects(async () => {
    for (;;) await reader.read();
  }, (reason) => reason === "gone");
  await followed.taken;
  assert.deepEqual([fates, ended], [["gone"], "gone"]);
  const over = new AbortController();
  const whole = new LongTexts().fill(ReadableStream.from(["1"]), fate, over.signal);
  assert.deepEqual(await chunksOf(whole), ["1"]);
  over.abort();
  assert.deepEqual(fates, ["gone", "done"]);
});
