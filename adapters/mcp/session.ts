import {
  type McpServer,
  type ServerContext,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import type { RequestContext } from "../../application/request_context.ts";
import type { ReaderFate } from "../wire/long_texts.ts";
import type { McpAnswer, McpCall } from "../wire/mcp_call.ts";
import { NobodyReads } from "../wire/patience.ts";
import { CallInHand } from "./call_in_hand.ts";
import { type CallOf, cancellableBy } from "./registrar.ts";
import { cancelledBy, isStream, type RequestId, requestIdOf, rpcRefusal } from "./rpc.ts";
import { type KeepingRoom, StreamStore } from "./stream_store.ts";
import type { OpenStreams } from "./open_streams.ts";

/** How soon a client may ask again for a stream that was cut, in milliseconds. */
const RETRY_MS = 500;

/** What a {@link Session} works with. */
export interface SessionParts {
  readonly id: string;
  /** Whose it is. */
  readonly subject: string;
  readonly makeServer: (callOf: CallOf) => McpServer;
  readonly streams: OpenStreams;
  readonly room: KeepingRoom;
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
  /** How long a request whose stream was lost is kept in hand. */
  readonly resumeMs: number;
  /** Called once, when it is over. */
  readonly closed: (session: Session) => void;
  readonly refused: (error: Error) => void;
}

/** A session of 2025-11-25 or before: one server for all requests of one client. */
export class Session {
  readonly id: string;
  readonly subject: string;
  readonly #parts: SessionParts;
  readonly #calls = new WeakMap<Request, McpCall<RequestContext>>();
  readonly #inHand = new Map<RequestId, CallInHand>();
  readonly #store: StreamStore<CallInHand>;
  readonly #transport: WebStandardStreamableHTTPServerTransport;
  #taking: CallInHand | null = null;
  #isListening = false;
  #turn: Promise<unknown> = Promise.resolve();
  #usedAt: number;

  /** A session that waits to be opened. */
  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.subject = parts.subject;
    this.#usedAt = parts.monotonic();
    this.#store = new StreamStore<CallInHand>({
      room: parts.room,
      monotonic: parts.monotonic,
      taking: () => this.#taking,
      answered: (id) => this.#answered(id),
      sizeBeside: ({ call }) => call.texts.size,
    });
    this.#transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => parts.id,
      eventStore: this.#store,
      retryInterval: RETRY_MS,
    });
  }

  /** Opens it: it then waits for `initialize`. */
  async open(): Promise<void> {
    const server = this.#parts.makeServer((context) => this.#callOf(context));
    server.server.onerror = this.#parts.refused;
    server.server.onclose = () => this.#closed();
    await server.connect(this.#transport);
  }

  /** Whether `initialize` was taken. */
  get isInitialized(): boolean {
    return this.#transport.sessionId !== undefined;
  }

  /** Whether a request waits for its answer. */
  get isBusy(): boolean {
    return this.#inHand.size > 0;
  }

  /** Whether its client keeps the stream open that answers no request. */
  get isListening(): boolean {
    return this.#isListening;
  }

  /** When it was last used. */
  get usedAt(): number {
    return this.#usedAt;
  }

  /** Answers one request of the session's own user. */
  async fetch(request: Request, call: McpCall<RequestContext>): Promise<McpAnswer> {
    this.#usedAt = this.#parts.monotonic();
    if (request.method === "GET") return await this.#listen(request, call);
    const { texts } = call;
    const id = requestIdOf(call.body);
    if (id !== null) return await this.#ask(request, call, id);
    const response = await this.#inTurn(request, call, null);
    const cancelled = this.#cancelledBy(call.body);
    if (cancelled !== undefined) this.#cancelled(cancelled);
    return { response, texts };
  }

  /** Forgets what was kept long enough for those who lost a stream. */
  sweep(): void {
    this.#store.sweep();
  }

  /** Ends the session, and what is in hand. */
  async close(): Promise<void> {
    await this.#transport.close();
  }

  async #ask(
    request: Request,
    call: McpCall<RequestContext>,
    id: RequestId,
  ): Promise<McpAnswer> {
    const { texts } = call;
    if (this.#inHand.has(id)) {
      const message = "Cannot take the request: another one with its id is not answered yet";
      return { response: rpcRefusal(400, { code: -32600, message }, id), texts };
    }
    const inHand = new CallInHand(id, call, this.#parts.resumeMs);
    this.#inHand.set(id, inHand);
    const response = await this.#inTurn(request, inHand.call, inHand);
    if (isStream(response)) return { response, texts, fate: this.#fateOf(inHand) };
    this.#over(inHand);
    return { response, texts };
  }

  /** One message after another: a stream that begins belongs to the one that is being taken. */
  #inTurn(
    request: Request,
    call: McpCall<RequestContext>,
    inHand: CallInHand | null,
  ): Promise<Response> {
    const response = this.#turn.then(() => {
      this.#taking = inHand;
      return this.#handle(request, call);
    });
    this.#turn = response.catch(() => {});
    return response;
  }

  async #handle(request: Request, call: McpCall<RequestContext>): Promise<Response> {
    this.#calls.set(request, call);
    for (const inHand of this.#calledOffBy(request, call.body)) inHand.calledOff();
    return await this.#transport.handleRequest(request, { parsedBody: call.body });
  }

  /** A stream that answers no request, or goes on with one that was lost. */
  async #listen(request: Request, call: McpCall<RequestContext>): Promise<McpAnswer> {
    const last = request.headers.get("last-event-id");
    const inHand = last === null ? null : this.#store.callerOf(last);
    if (inHand !== null && inHand !== undefined) return await this.#resume(request, inHand);
    const { texts, context: { principal } } = call;
    const end = () => this.#transport.closeStandaloneSSEStream();
    using stack = new DisposableStack();
    const open = stack.use(this.#parts.streams.enter(principal, end));
    const response = await this.#handle(request, call);
    if (!isStream(response)) return { response, texts };
    stack.move();
    this.#isListening = true;
    const left = () => {
      this.#isListening = false;
      open[Symbol.dispose]();
    };
    return { response, texts, fate: { done: left, left } };
  }

  async #resume(request: Request, inHand: CallInHand): Promise<McpAnswer> {
    const { texts } = inHand.call;
    const response = await this.#transport.handleRequest(request);
    if (!isStream(response)) return { response, texts };
    inHand.resumed();
    return { response, texts, fate: this.#fateOf(inHand) };
  }

  /** What a call in hand is told of whoever reads its stream. */
  #fateOf(inHand: CallInHand): ReaderFate {
    return {
      done: () => this.#lost(inHand),
      left: (reason) => this.#lost(inHand, reason),
    };
  }

  /** A stream that ends with its answer is not lost. */
  #lost(inHand: CallInHand, reason?: unknown): void {
    if (reason instanceof NobodyReads) this.#store.forget(inHand);
    if (this.#inHand.get(inHand.id) !== inHand) return;
    if (reason instanceof NobodyReads) inHand.giveUp();
    else inHand.lost();
  }

  /** Whoever ends his session wants no answer of it either. */
  #calledOffBy({ method }: Request, message: unknown): Iterable<CallInHand> {
    if (method === "DELETE") return this.#inHand.values();
    const cancelled = this.#cancelledBy(message);
    return cancelled === undefined ? [] : [cancelled];
  }

  #cancelledBy(message: unknown): CallInHand | undefined {
    const id = cancelledBy(message);
    return id === null ? undefined : this.#inHand.get(id);
  }

  /** Its handler has been told by the SDK; nothing answers it, so its stream would stay open. */
  #cancelled(inHand: CallInHand): void {
    this.#over(inHand);
    this.#store.forget(inHand);
    this.#transport.closeSSEStream(inHand.id);
  }

  #answered(id: RequestId): void {
    const inHand = this.#inHand.get(id);
    if (inHand !== undefined) this.#over(inHand);
  }

  #over(inHand: CallInHand): void {
    inHand.over();
    this.#inHand.delete(inHand.id);
  }

  #closed(): void {
    for (const inHand of this.#inHand.values()) inHand.giveUp();
    this.#inHand.clear();
    this.#store[Symbol.dispose]();
    this.#parts.closed(this);
  }

  #callOf({ http, mcpReq }: ServerContext): McpCall<RequestContext> {
    const call = http?.req === undefined ? undefined : this.#calls.get(http.req);
    if (call === undefined) throw new Error("Cannot serve MCP: the request has no context");
    return cancellableBy(mcpReq.signal, call);
  }
}
