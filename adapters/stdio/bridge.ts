import type { Log } from "../../domain/ports/log.ts";
import { errorLine, isAnswer, messagesIn } from "./answers.ts";
import { type Line, readLines } from "./lines.ts";
import { BridgeSession } from "./bridge_session.ts";
import {
  type ClientAnswer,
  type Message,
  MessageFault,
  readMessage,
  type RequestId,
  RPC_CODES,
} from "./message.ts";
import type { Post } from "./owner_socket.ts";

/** What the bridge stands on. */
export interface BridgeParts {
  /** The client's messages, one a line. */
  readonly input: ReadableStream<Uint8Array>;
  /** Takes the answers; nothing else is ever written there. */
  readonly output: WritableStream<Uint8Array>;
  /**
   * Sends a message to the service, waiting for one where there is none; throws when it cannot be had,
   * or was lost on the way.
   */
  readonly post: (post: Post) => Promise<Response>;
  /** Sends a message to the service that there is; throws where there is none. */
  readonly reach: (post: Post) => Promise<Response>;
  /** The token to send with each. */
  readonly token: () => Promise<string>;
  /** The longest message, in bytes. */
  readonly mostBytes: number;
  readonly log: Log;
}

/** A request that waits for its answer. */
interface Call {
  readonly message: Message;
  readonly id: RequestId;
  /** Aborted when the client waits no longer. */
  readonly signal: AbortSignal;
  /** Lets its id be used again. */
  readonly free: () => void;
}

/** The service went away before it answered. */
class AnswerLost extends Error {
  constructor(method: string, options?: ErrorOptions) {
    const known = "whether it was done is not known, so it was not sent again";
    super(`The service ended before it answered '${method}': ${known}`, options);
    this.name = "AnswerLost";
  }
}

/** A tool may have begun to do what must not be done twice. All other methods only tell. */
const NOT_REPEATED = new Set(["tools/call"]);
const MOST_TRIES = 3;

/**
 * MCP over standard input and output: passes each message on to the service that owns the data
 * directory, and its answers back. Messages pass as they are written; only what decides about them is
 * read.
 *
 * `notifications/cancelled` closes its request's connection, and tells the session, if there is one:
 * that ends the run. So does the end of the input, which ends the session. What the service asks of
 * its own accord passes to the client, and its answers back. A request whose service goes away before it answers is sent again if its method only
 * tells; one that may have done something is answered with an error that says so.
 */
export class StdioBridge {
  readonly #parts: BridgeParts;
  readonly #out: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly #inHand = new Map<RequestId, AbortController>();
  readonly #work = new Set<Promise<void>>();
  readonly #end = new AbortController();
  readonly #session: BridgeSession;
  #ending: Promise<void> | null = null;

  constructor(parts: BridgeParts) {
    this.#parts = parts;
    this.#out = parts.output.getWriter();
    const { post, reach, token, log } = parts;
    const heard = (line: string) => this.#write(line);
    const ended = this.#end.signal;
    this.#session = new BridgeSession({ post, reach, token, log, heard, ended });
  }

  /**
   * Serves until the input ends; what is in hand then is cancelled.
   *
   * @throws {Error} when the output takes nothing any more.
   */
  async serve(): Promise<void> {
    const broken = Promise.withResolvers<never>();
    const written = this.#out.closed.catch(broken.reject);
    await Promise.race([this.#readAll(), broken.promise]).finally(() => this.close());
    this.#out.releaseLock();
    await written.catch(() => {});
  }

  /** Cancels what is in hand; resolves when nothing is. */
  async close(): Promise<void> {
    this.#end.abort();
    await Promise.all(this.#work);
    await (this.#ending ??= this.#session.end());
  }

  async #readAll(): Promise<void> {
    for await (const line of readLines(this.#parts.input, this.#parts.mostBytes)) {
      const work: Promise<void> = this.#take(line).finally(() => this.#work.delete(work));
      this.#work.add(work);
    }
  }

  /** Never rejects. */
  async #take(line: Line): Promise<void> {
    let message: Message | null = null;
    try {
      const read = this.#read(line);
      if (read === null) return;
      if (read.method === null) return await this.#reply(read);
      message = read;
      if (message.method === "notifications/cancelled") await this.#cancel(message);
      else if (message.id === null) await this.#notify(message);
      else await this.#answer(message, message.id);
    } catch (error) {
      await this.#fail(error, message?.id ?? null);
    }
  }

  #read(line: Line): Message | ClientAnswer | null {
    if ("fault" in line) {
      const { mostBytes } = this.#parts;
      const reason = line.fault === "not_utf8"
        ? "it is not UTF-8"
        : `it is longer than ${mostBytes} bytes`;
      throw new MessageFault(RPC_CODES.parse, `Cannot read the message: ${reason}`);
    }
    return line.text.trim() === "" ? null : readMessage(line.text);
  }

  async #cancel(message: Message): Promise<void> {
    const { requestId: id } = message.params;
    const inHand = typeof id === "string" || typeof id === "number"
      ? this.#inHand.get(id)
      : undefined;
    if (inHand === undefined) return;
    inHand.abort();
    // In a session a lost connection is no cancellation.
    if (this.#session.isOpen) await this.#notify(message);
  }

  /** Passes on the client's answer, if anything can have been asked of it. */
  async #reply({ text }: ClientAnswer): Promise<void> {
    if (this.#session.isOpen) await this.#notify({ text, id: null, method: "", params: {} });
  }

  async #notify(message: Message): Promise<void> {
    try {
      const response = await this.#post(message, this.#end.signal);
      await response.body?.cancel();
    } catch (error) {
      if (this.#end.signal.aborted) return;
      const { method } = message;
      this.#parts.log.write("warn", "notification_lost", { method, reason: reasonOf(error) });
    }
  }

  async #answer(message: Message, id: RequestId): Promise<void> {
    if (this.#inHand.has(id)) {
      const reason = "another request with its id is not answered yet";
      throw new MessageFault(RPC_CODES.invalid, `Cannot take the request: ${reason}`, id);
    }
    const own = new AbortController();
    this.#inHand.set(id, own);
    const signal = AbortSignal.any([own.signal, this.#end.signal]);
    const free = () => void (this.#inHand.get(id) === own && this.#inHand.delete(id));
    try {
      await this.#exchange({ message, id, signal, free });
    } catch (error) {
      // Whoever has cancelled waits for no answer.
      if (!signal.aborted) throw error;
    } finally {
      free();
    }
  }

  /** Sends a request, again if it may be, until its answer has been written. */
  async #exchange(call: Call): Promise<void> {
    const { method } = call.message;
    for (let tries = 1;; tries += 1) {
      try {
        if (await this.#pass(call)) return;
        throw new AnswerLost(method);
      } catch (error) {
        const again = error instanceof AnswerLost && !NOT_REPEATED.has(method) &&
          tries < MOST_TRIES && !call.signal.aborted;
        if (!again) throw error;
      }
    }
  }

  /** One try: writes what comes back, and tells whether the answer was among it. */
  async #pass({ message, id, signal, free }: Call): Promise<boolean> {
    const response = await this.#post(message, signal);
    const lines = messagesIn(response, id);
    let answered = false;
    for (;;) {
      const line = await lines.next().catch((cause) => {
        // The stream is over with its answer, however it ends.
        if (answered) return { done: true } as const;
        throw new AnswerLost(message.method, { cause });
      });
      if (line.done) return answered;
      if (signal.aborted) return true;
      answered ||= isAnswer(line.value);
      // Before the client can know: it may use the id at once.
      if (answered) free();
      if (message.method === "initialize") this.#session.negotiated(line.value);
      await this.#write(line.value);
    }
  }

  async #post(message: Message, signal: AbortSignal): Promise<Response> {
    try {
      return await this.#session.post(message, signal);
    } catch (cause) {
      // The sender's own errors say that it could not be sent at all.
      if (cause instanceof TypeError) throw new AnswerLost(message.method, { cause });
      throw cause;
    }
  }

  async #fail(error: unknown, id: RequestId | null): Promise<void> {
    const code = error instanceof MessageFault ? error.code : RPC_CODES.internal;
    const asked = error instanceof MessageFault ? error.id : id;
    const lost = error instanceof AnswerLost ? { data: { code: "answer_lost" } } : {};
    // An output that takes nothing is told by its own promise.
    await this.#write(errorLine(asked, { code, message: reasonOf(error), ...lost }))
      .catch(() => {});
  }

  async #write(line: string): Promise<void> {
    await this.#out.write(this.#encoder.encode(`${line}\n`));
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
