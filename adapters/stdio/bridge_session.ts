import type { Log } from "../../domain/ports/log.ts";
import { eventsIn } from "./answers.ts";
import { isRecord, type Message, protocolHeaders, usesSession } from "./message.ts";
import type { Post } from "./owner_socket.ts";

/** What a {@link BridgeSession} works with. */
export interface BridgeSessionParts {
  /** Sends a message, waiting for an owner where there is none. */
  readonly post: (post: Post) => Promise<Response>;
  /** Sends a message to the owner that there is; throws where there is none. */
  readonly reach: (post: Post) => Promise<Response>;
  /** The token to send with each. */
  readonly token: () => Promise<string>;
  /** Takes what the service sends of its own accord. */
  readonly heard: (line: string) => Promise<void>;
  readonly log: Log;
  /** Aborted when the client is gone. */
  readonly ended: AbortSignal;
}

/** How long the end of a session is waited for. */
const END_MS = 1000;

/** What begins a session that the client had begun with another owner, in this order. */
const TOLD_AGAIN = ["initialize", "notifications/initialized", "logging/setLevel"];

/**
 * The session of a client of 2025-11-25 or before with the service: begun by its `initialize`, begun
 * anew, unseen by it, where the service is another than it was, and ended with the client. Messages of
 * later revisions pass without.
 */
export class BridgeSession {
  readonly #parts: BridgeSessionParts;
  readonly #told = new Map<string, Message>();
  #id: string | null = null;
  #version: string | null = null;
  #renewing: Promise<void> | null = null;
  /** The session whose own stream is open, or was refused. */
  #heard: string | null = null;
  #lastEvent: string | null = null;

  constructor(parts: BridgeSessionParts) {
    this.#parts = parts;
  }

  /** Whether a session has begun. */
  get isOpen(): boolean {
    return this.#id !== null;
  }

  /** Sends a message; the answer, which the client's own session has to be in. */
  async post(message: Message, signal: AbortSignal): Promise<Response> {
    await this.#renewing;
    const id = this.#id;
    const response = await this.#send(message, signal);
    if (TOLD_AGAIN.includes(message.method)) this.#told.set(message.method, message);
    if (response.status !== 404 || id === null || !usesSession(message)) {
      this.#listen();
      return response;
    }
    // It was not taken: the service knows of no such session.
    await response.body?.cancel();
    await this.#renewed(id);
    return await this.#send(message, signal);
  }

  /** Learns from the answer to `initialize` what was negotiated. */
  negotiated(line: string): void {
    const { result } = JSON.parse(line) as { readonly result?: unknown };
    if (isRecord(result) && typeof result.protocolVersion === "string") {
      this.#version = result.protocolVersion;
    }
  }

  /** Ends the session, and what it has in hand. */
  async end(): Promise<void> {
    if (this.#id === null) return;
    try {
      const signal = AbortSignal.timeout(END_MS);
      const post = { verb: "DELETE", body: "", headers: await this.#headers(), signal } as const;
      const response = await this.#parts.reach(post);
      await response.body?.cancel();
    } catch (error) {
      // A service that has gone has no sessions.
      this.#parts.log.write("debug", "session_not_ended", { reason: String(error) });
    }
  }

  async #send(message: Message, signal: AbortSignal): Promise<Response> {
    const own = usesSession(message) ? await this.#headers() : await this.#authorization();
    const headers = { ...protocolHeaders(message, this.#version), ...own };
    const response = await this.#parts.post({ body: message.text, headers, signal });
    if (message.method === "initialize" && response.ok) {
      this.#id = response.headers.get("mcp-session-id");
    }
    return response;
  }

  async #authorization(): Promise<Record<string, string>> {
    return { authorization: `Bearer ${await this.#parts.token()}` };
  }

  async #headers(): Promise<Record<string, string>> {
    const version = this.#version === null ? {} : { "mcp-protocol-version": this.#version };
    const session = this.#id === null ? {} : { "mcp-session-id": this.#id };
    return { ...await this.#authorization(), ...version, ...session };
  }

  /** Begins the session anew, once for all who have missed it. */
  #renewed(lost: string): Promise<void> {
    if (this.#id !== lost) return this.#renewing ?? Promise.resolve();
    return this.#renewing ??= this.#renew().finally(() => this.#renewing = null);
  }

  async #renew(): Promise<void> {
    this.#lastEvent = null;
    for (const method of TOLD_AGAIN) {
      const message = this.#told.get(method);
      if (message === undefined) continue;
      const response = await this.#send(renewed(message), this.#parts.ended);
      await response.text();
    }
    this.#listen();
  }

  /** Hears what the service sends of its own accord, if it is not heard already. */
  #listen(): void {
    const id = this.#id;
    if (id === null || id === this.#heard || !this.#told.has("notifications/initialized")) return;
    this.#heard = id;
    void this.#hear().catch((error) => {
      this.#parts.log.write("debug", "stream_lost", { reason: String(error) });
    }).then((isRefused) => {
      // The next message opens it again: whoever asks nothing has not to be told of an owner's end.
      if (!isRefused && this.#heard === id) this.#heard = null;
    });
  }

  /** Passes on what comes; whether the service has refused. */
  async #hear(): Promise<boolean> {
    const after = this.#lastEvent === null ? {} : { "last-event-id": this.#lastEvent };
    const headers = { ...await this.#headers(), ...after };
    const signal = this.#parts.ended;
    const response = await this.#parts.reach({ verb: "GET", body: "", headers, signal });
    if (!response.ok) {
      await response.body?.cancel();
      return response.status < 500;
    }
    for await (const { id, line } of eventsIn(response)) {
      if (id !== undefined) this.#lastEvent = id;
      if (line !== null) await this.#parts.heard(line);
    }
    return false;
  }
}

/** The same message under an id that no client has given. */
function renewed(message: Message): Message {
  if (message.id === null) return message;
  const id = `renewed-${crypto.randomUUID()}`;
  return { ...message, id, text: JSON.stringify({ ...JSON.parse(message.text), id }) };
}
