/**
 * The process that holds the graph: opens the file that it is told, answers questions from standard input
 * on standard output, and ends with its input. Arguments: the file, and how many bytes of memory it may
 * take for its work, beside what the graph itself needs.
 */

import { DomainError, type Failure } from "../../../domain/errors.ts";
import { encodeFrame, FrameTooLong, readFrames } from "../frames.ts";
import { HELLO_ID, type Question, type Reply, type Topic } from "../messages.ts";
import { deleteFrom } from "./deletion.ts";
import { entriesFrom } from "./entries.ts";
import { metricsOf } from "./metrics.ts";
import { answerQuery } from "./query.ts";
import { Store } from "./store.ts";
import { upsert } from "./upsert.ts";

const [path = "", memory = "0"] = Deno.args;

const watcher = new Worker(new URL("./watch.ts", import.meta.url), { type: "module" });
const inHand = new Set<Promise<void>>();

const WRITING: ReadonlySet<Topic> = new Set(["upsert", "delete"]);

/** Writes follow one another; whatever else there is goes on beside them. */
let lastWrite: Promise<unknown> = Promise.resolve();
let lastReply: Promise<unknown> = Promise.resolve();

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const done = lastWrite.then(work);
  lastWrite = done.catch(() => {});
  return done;
}

async function answer(store: Store, { topic, question }: Question): Promise<unknown> {
  switch (topic) {
    case "ping":
      return null;
    case "upsert":
      return await inTurn(async () => {
        return { counts: await upsert(store, question), metrics: metricsOf(store) };
      });
    case "delete":
      return await inTurn(() => deleteFrom(store, question));
    case "query":
      return await answerQuery(store, question);
    case "metrics":
      return metricsOf(store);
    case "entries":
      return await entriesFrom(store, question);
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof DomainError) return error.failure;
  if (error instanceof FrameTooLong) {
    const message = `its answer is too large: ${error.message}`;
    return { code: "query_invalid", message, line: null, column: null };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return {
    code: "dependency_unavailable",
    dependency: "graph",
    reason,
    remedy: null,
    retryAfterSeconds: 1,
  };
}

function tell(reply: Reply): void {
  const frame = encodeFrame(reply);
  lastReply = lastReply.then(() => writeAll(frame));
}

async function writeAll(frame: Uint8Array): Promise<void> {
  for (let rest = frame; rest.length > 0;) rest = rest.subarray(await Deno.stdout.write(rest));
}

async function handle(store: Store, question: Question): Promise<void> {
  const { id } = question;
  try {
    const answered = await answer(store, question);
    tell({ id, answer: answered, generation: store.generation });
  } catch (error) {
    tell({ id, failure: failureOf(error), generation: store.generation });
  }
}

/** What is held while nothing is asked is the graph; it grows with what is written. */
function watchMemory(): void {
  watcher.postMessage(Deno.memoryUsage().rss + Number(memory));
}

async function serve(): Promise<number> {
  let store: Store;
  try {
    store = await Store.open(path);
  } catch (error) {
    tell({ id: HELLO_ID, failure: failureOf(error), generation: "" });
    await lastReply;
    return 1;
  }
  watchMemory();
  tell({ id: HELLO_ID, answer: null, generation: store.generation });
  for await (const question of readFrames(Deno.stdin.readable)) {
    const asked = question as Question;
    const handled = handle(store, asked).finally(() => {
      inHand.delete(handled);
      if (inHand.size === 0 && WRITING.has(asked.topic)) watchMemory();
    });
    inHand.add(handled);
  }
  // Who asked has gone: nothing that still runs is of use to anybody, and what is committed stays.
  if (inHand.size === 0) store.close();
  return 0;
}

Deno.exit(await serve());
