import assert from "node:assert/strict";
import { EventStream } from "./event_stream.ts";

async function textOf(stream: EventStream): Promise<string> {
  return await new Response(stream.body).text();
}

Deno.test("EventStream sends its events in order and then ends [B5]", async () => {
  const stream = new EventStream();
  stream.send("stdout", { text: "a\nb<" });
  stream.send("result", { id: 1 });
  stream.end();
  assert.equal(
    await textOf(stream),
    'event: stdout\ndata: {"text":"a\\nb\\u003c"}\n\nevent: result\ndata: {"id":1}\n\n',
  );
});

Deno.test("EventStream makes nothing before it is read, and tells when each event is taken [B5]", async () => {
  const stream = new EventStream();
  const taken: string[] = [];
  for (const name of ["one", "two"]) stream.send(name, {}).then(() => taken.push(name));
  const reader = stream.body.getReader();
  await settle();
  assert.deepEqual(taken, []);
  await reader.read();
  await settle();
  assert.deepEqual(taken, [], "the first is taken when more is wanted");
  await reader.read();
  await settle();
  assert.deepEqual(taken, ["one"]);
  await reader.cancel();
});

Deno.test("EventStream says that it lives while nothing happens [B5]", async () => {
  const stream = new EventStream(5);
  const reader = stream.body.getReader();
  const { value } = await reader.read();
  assert.equal(new TextDecoder().decode(value), ": keep-alive\n\n");
  stream.send("result", {});
  stream.end();
  const rest = [];
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    rest.push(new TextDecoder().decode(read.value));
  }
  assert.match(rest.join(""), /^(: keep-alive\n\n)*event: result\ndata: {}\n\n$/);
});

Deno.test("EventStream tells when its reader has left, and leaves no timer [B5]", async () => {
  const stream = new EventStream();
  const reader = stream.body.getReader();
  const pending = reader.read();
  await settle();
  assert.equal(stream.left.aborted, false);
  await reader.cancel();
  assert.equal((await pending).done, true);
  assert.equal(stream.left.aborted, true);
});

Deno.test("EventStream sends a long event in pieces [B5]", async () => {
  const stream = new EventStream();
  const text = "é<".repeat(100_000);
  stream.send("result", { text });
  stream.end();
  const sizes: number[] = [];
  const decoder = new TextDecoder();
  let all = "";
  for await (const chunk of stream.body) {
    sizes.push(chunk.length);
    all += decoder.decode(chunk, { stream: true });
  }
  assert.ok(Math.max(...sizes) <= 6 * 65_536, sizes.join());
  const data = /^event: result\ndata: (.*)\n\n$/.exec(all)?.[1] ?? "";
  assert.equal(JSON.parse(data).text === text, true);
});

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
