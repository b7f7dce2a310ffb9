import { Buffer } from "node:buffer";
import type { JobEvent } from "../../../domain/ports/job_queue.ts";
import { answered, type Connection } from "./connection.ts";

/** Whoever waits for news looks for itself this often: a word that was lost holds nobody up for long. */
const LOOK_MS = 1000;
const ENTRIES = 200;

/** An event, or the job's end. */
export type News = JobEvent | "end";

/** Reads what happens to jobs; told by Redis when there is more. */
export class JobNews {
  readonly #reader: Connection;
  readonly #subscriber: Connection;
  readonly #prefix: string;

  constructor(reader: Connection, subscriber: Connection, prefix: string) {
    this.#reader = reader;
    this.#subscriber = subscriber;
    this.#prefix = prefix;
  }

  /**
   * Calls back for each job that is told to stop, from when there is a connection, and on every other; and each
   * time when words may have been lost.
   */
  onStop(told: (id: string) => void, missed: () => void): void {
    // Words are lost with the one, and asking for them fails without the other.
    for (const connection of [this.#reader, this.#subscriber]) connection.on("ready", missed);
    this.#subscribe(told, missed);
  }

  #subscribe(told: (id: string) => void, missed: () => void): void {
    // From the second connection on the client itself does it.
    this.#subscriber.once("ready", () => {
      this.#subscriber.subscribe(`${this.#prefix}stop`, told)
        .then(missed, () => this.#subscribe(told, missed));
    });
  }

  /** Listens to a job from now on. */
  async listen(id: string): Promise<Listening> {
    const channel = `${this.#prefix}news:${id}`;
    let wake = () => {};
    const heard = () => wake();
    // Without the word of Redis it is looked for now and then.
    await answered(() => this.#subscriber.subscribe(channel, heard)).catch(() => {});
    return {
      news: (signal) =>
        new Promise((resolve) => {
          const done = () => {
            clearTimeout(timer);
            signal.removeEventListener("abort", done);
            wake = () => {};
            resolve();
          };
          const timer = setTimeout(done, LOOK_MS);
          signal.addEventListener("abort", done);
          if (signal.aborted) done();
          wake = done;
        }),
      [Symbol.asyncDispose]: () =>
        answered(() => this.#subscriber.unsubscribe(channel, heard)).catch(() => {}),
    };
  }

  /** What has happened after a place, and the place after that. A place is an entry, and what had been written by then. */
  async after(
    id: string,
    place: string,
  ): Promise<{ readonly news: News[]; readonly last: string }> {
    const events = `${this.#prefix}events:${id}`;
    const [entry = "", at] = place.split(" ");
    const found = await answered(() =>
      this.#reader.xRange(events, `(${entry}`, "+", { COUNT: ENTRIES })
    );
    const news: News[] = [];
    // Nobody knows of what was written before where one begins to read.
    let written = at === undefined ? NaN : Number(at);
    for (const { message } of found ?? []) {
      const event = newsOf(message);
      const before = Number(message["at"]);
      const began = event !== "end" && event.kind === "started";
      if (before > written && !began) news.push({ kind: "omitted", bytes: before - written });
      news.push(event);
      written = before +
        (event !== "end" && event.kind === "wrote" ? Buffer.byteLength(event.text) : 0);
    }
    const last = found?.at(-1);
    return { news, last: last === undefined ? place : `${last.id} ${written}` };
  }
}

/** Someone who waits for what happens to a job. */
export interface Listening extends AsyncDisposable {
  /** Resolves when there may be more. */
  news(signal: AbortSignal): Promise<void>;
}

function newsOf(message: Readonly<Record<string, string>>): News {
  const { started, stdout, stderr } = message;
  if (started !== undefined) return { kind: "started", attempt: Number(started) };
  if (stdout !== undefined) return { kind: "wrote", stream: "stdout", text: stdout };
  if (stderr !== undefined) return { kind: "wrote", stream: "stderr", text: stderr };
  return "end";
}
