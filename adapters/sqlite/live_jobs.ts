import type { JobEvent, JobInterruption } from "../../domain/ports/job_queue.ts";

/** Pieces of output that nobody has read yet are put together up to this length, in UTF-16 units. */
const PIECE_LENGTH = 65_536;

/** What has happened in one attempt; the next one follows in `next`. */
interface AttemptLog {
  readonly events: JobEvent[];
  /** How many of them some reader has been given: these stay as they are. */
  read: number;
  next: AttemptLog | null;
}

/** A job that runs here, or that somebody listens to. */
interface Topic {
  log: AttemptLog;
  readers: number;
  stop: AbortController | null;
  over: boolean;
  changed: PromiseWithResolvers<void>;
}

/** What jobs that run in this process have written so far, and who listens. */
export class LiveJobs {
  readonly #topics = new Map<string, Topic>();
  /** Jobs that were told to stop before it was known here that they have begun. */
  readonly #told = new Set<string>();

  /** A job is taken; the signal that stops it. */
  begin(id: string): AbortSignal {
    const topic = this.#topic(id);
    const stop = new AbortController();
    topic.stop = stop;
    if (this.#told.delete(id)) this.interrupt(id, "cancelled");
    return stop.signal;
  }

  /** A job's program begins. */
  started(id: string, attempt: number): void {
    const topic = this.#topics.get(id);
    if (!topic?.stop) return;
    topic.log.events.push({ kind: "started", attempt });
    changed(topic);
  }

  /** A job that runs has written something. */
  wrote(id: string, event: Extract<JobEvent, { kind: "wrote" }>): void {
    const topic = this.#topics.get(id);
    if (!topic?.stop) return;
    const { events, read } = topic.log;
    const last = events.at(-1);
    const fits = last?.kind === "wrote" && last.stream === event.stream &&
      events.length > read && last.text.length + event.text.length <= PIECE_LENGTH;
    if (fits) events[events.length - 1] = { ...last, text: last.text + event.text };
    else events.push(event);
    changed(topic);
  }

  /** Tells a job's run to stop, if it has one; else its next one as soon as it begins. */
  interrupt(id: string, why: JobInterruption): void {
    const stop = this.#topics.get(id)?.stop;
    if (stop) stop.abort(why);
    else this.#told.add(id);
  }

  /** An attempt is over and has not ended the job. */
  release(id: string): void {
    const topic = this.#topic(id);
    topic.stop = null;
    const next = emptyLog();
    topic.log.next = next;
    topic.log = next;
    changed(topic);
    this.#dropUnused(id, topic);
  }

  /** The job has ended: whoever listens hears the rest, and then nothing more. */
  end(id: string): void {
    this.#told.delete(id);
    const topic = this.#topics.get(id);
    if (topic === undefined) return;
    topic.stop = null;
    topic.over = true;
    this.#topics.delete(id);
    changed(topic);
  }

  /** Every run is told that it is lost, every listener that it is over. */
  close(): void {
    for (const [id, { stop }] of [...this.#topics]) {
      stop?.abort("lost" satisfies JobInterruption);
      this.end(id);
    }
  }

  /** Listens from now on, until it is disposed of. */
  listen(id: string): Listening {
    const topic = this.#topic(id);
    topic.readers += 1;
    return new Listening(topic, () => {
      topic.readers -= 1;
      this.#dropUnused(id, topic);
    });
  }

  #topic(id: string): Topic {
    const known = this.#topics.get(id);
    if (known !== undefined) return known;
    const topic = {
      log: emptyLog(),
      readers: 0,
      stop: null,
      over: false,
      changed: Promise.withResolvers<void>(),
    };
    this.#topics.set(id, topic);
    return topic;
  }

  #dropUnused(id: string, topic: Topic): void {
    if (topic.readers > 0 || topic.stop !== null) return;
    if (this.#topics.get(id) === topic) this.#topics.delete(id);
  }
}

/** Someone who listens to a job. */
class Listening implements Disposable {
  readonly #topic: Topic;
  readonly #from: AttemptLog;
  readonly #leave: () => void;

  constructor(topic: Topic, leave: () => void) {
    this.#topic = topic;
    this.#from = topic.log;
    this.#leave = leave;
  }

  /** What happens from when this was made. */
  async *events(signal: AbortSignal): AsyncGenerator<JobEvent, void> {
    const left = Promise.withResolvers<void>();
    const leave = () => left.resolve();
    signal.addEventListener("abort", leave, { once: true });
    try {
      let [log, at] = [this.#from, 0];
      while (!signal.aborted) {
        const event = log.events[at];
        if (event !== undefined) {
          at += 1;
          log.read = Math.max(log.read, at);
          yield event;
        } else if (log.next !== null) {
          [log, at] = [log.next, 0];
        } else if (this.#topic.over) {
          return;
        } else {
          await Promise.race([this.#topic.changed.promise, left.promise]);
        }
      }
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  [Symbol.dispose](): void {
    this.#leave();
  }
}

function emptyLog(): AttemptLog {
  return { events: [], read: 0, next: null };
}

function changed(topic: Topic): void {
  const { resolve } = topic.changed;
  topic.changed = Promise.withResolvers();
  resolve();
}
