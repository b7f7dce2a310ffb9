import { isInitializeRequest, type McpServer } from "@modelcontextprotocol/server";
import type { RequestContext } from "../../application/request_context.ts";
import { DomainError } from "../../domain/errors.ts";
import type { Log } from "../../domain/ports/log.ts";
import type { McpAnswer, McpCall } from "../wire/mcp_call.ts";
import type { OpenStreams } from "./open_streams.ts";
import type { CallOf } from "./registrar.ts";
import { rpcRefusal } from "./rpc.ts";
import { Session } from "./session.ts";
import { KeepingRoom } from "./stream_store.ts";

/** How many sessions there may be, and for how long. */
export interface SessionBounds {
  /** Of one user. */
  readonly perUser: number;
  readonly inAll: number;
  /** How long one may go unused, and without a stream that is open, in milliseconds. */
  readonly idleMs: number;
  /** How long a request whose stream was lost is kept in hand, in milliseconds. */
  readonly resumeMs: number;
  /** Characters of answers that are kept for lost streams, in all. */
  readonly kept: number;
  /** How often it is looked for what has gone unused too long, in milliseconds. */
  readonly sweepMs: number;
}

/** The bounds that hold unless others are given. */
export const SESSION_BOUNDS: SessionBounds = {
  perUser: 32,
  inAll: 1000,
  idleMs: 30 * 60_000,
  resumeMs: 10_000,
  kept: 64 * 1024 * 1024,
  sweepMs: 30_000,
};

/** What {@link Sessions} work with. */
export interface SessionsParts {
  readonly makeServer: (callOf: CallOf) => McpServer;
  readonly streams: OpenStreams;
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
  readonly bounds: SessionBounds;
  readonly log: Log;
  readonly refused: (error: Error) => void;
}

/**
 * The sessions of 2025-11-25 and earlier revisions, each of one user: to all others it is not there.
 *
 * Where there are too many, the one that was used the longest ago ends; whoever had it is told 404, and
 * begins another.
 */
export class Sessions implements AsyncDisposable {
  readonly #parts: SessionsParts;
  readonly #room: KeepingRoom;
  /** The one that was used last comes last. */
  readonly #sessions = new Map<string, Session>();
  #sweeping: ReturnType<typeof setInterval> | undefined;

  constructor(parts: SessionsParts) {
    this.#parts = parts;
    this.#room = new KeepingRoom(parts.bounds.kept);
  }

  /** How many there are. */
  get size(): number {
    return this.#sessions.size;
  }

  /**
   * Answers a request of such a revision.
   *
   * @throws {DomainError} `too_many_executions` where each of the user's sessions has a request in hand.
   */
  async fetch(request: Request, call: McpCall<RequestContext>): Promise<McpAnswer> {
    const { texts, context: { principal: { subject } } } = call;
    const id = request.headers.get("mcp-session-id");
    if (id === null) {
      if (request.method !== "POST") return { response: notAllowed(), texts };
      if (isInitializeRequest(call.body)) return await this.#begin(request, call);
      return { response: needed(), texts };
    }
    const session = this.#sessions.get(id);
    // Whose it is, nobody else can find out.
    if (session?.subject !== subject) return { response: notFound(), texts };
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    return await session.fetch(request, call);
  }

  /** Ends all sessions, and what is in hand. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of [...this.#sessions.values()]) await session.close();
  }

  async #begin(request: Request, call: McpCall<RequestContext>): Promise<McpAnswer> {
    const { subject } = call.context.principal;
    this.#makeRoom(subject);
    const session = new Session({
      ...this.#parts,
      id: crypto.randomUUID(),
      subject,
      room: this.#room,
      resumeMs: this.#parts.bounds.resumeMs,
      closed: (closed) => this.#closed(closed),
    });
    // At once: whoever comes meanwhile has to find it counted.
    this.#sessions.set(session.id, session);
    this.#sweeping ??= setInterval(() => this.#sweep(), this.#parts.bounds.sweepMs);
    try {
      await session.open();
      return await session.fetch(request, call);
    } finally {
      if (!session.isInitialized) await session.close();
    }
  }

  #makeRoom(subject: string): void {
    const { perUser, inAll } = this.#parts.bounds;
    const own = [...this.#sessions.values()].filter((session) => session.subject === subject);
    if (own.length >= perUser) this.#endOne(own, perUser);
    if (this.#sessions.size >= inAll) this.#endOne([...this.#sessions.values()], inAll);
  }

  /** Ends the one of these that was used the longest ago, but none that has something in hand. */
  #endOne(sessions: readonly Session[], allowed: number): void {
    const idle = sessions.find(({ isBusy }) => !isBusy);
    if (idle === undefined) throw tooMany(sessions.length, allowed);
    void idle.close();
  }

  #sweep(): void {
    const before = this.#parts.monotonic() - this.#parts.bounds.idleMs;
    for (const session of [...this.#sessions.values()]) {
      const isUsed = session.isBusy || session.isListening || session.usedAt > before;
      if (isUsed) session.sweep();
      else void session.close();
    }
  }

  #closed({ id, subject }: Session): void {
    this.#sessions.delete(id);
    this.#parts.log.write("debug", "mcp_session_closed", { user_id: subject });
    if (this.#sessions.size > 0) return;
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
  }
}

function notFound(): Response {
  return rpcRefusal(404, { code: -32001, message: "Session not found" });
}

function needed(): Response {
  const message = "Cannot take the message: it has no 'Mcp-Session-Id'. A session begins with " +
    "'initialize'; from 2026-07-28 on no session is needed";
  return rpcRefusal(400, { code: -32000, message });
}

function notAllowed(): Response {
  const message = "Cannot take the request: without 'Mcp-Session-Id' only POST is";
  return rpcRefusal(405, { code: -32000, message }, null, { allow: "POST" });
}

function tooMany(inHand: number, allowed: number): DomainError {
  return new DomainError({
    code: "too_many_executions",
    running: inHand,
    waiting: 0,
    own: { inHand, allowed },
    retryAfterSeconds: 1,
  });
}
