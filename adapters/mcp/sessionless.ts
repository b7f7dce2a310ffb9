import {
  createMcpHandler,
  type McpHttpHandler,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { RequestContext } from "../../application/request_context.ts";
import type { McpAnswer, McpCall } from "../wire/mcp_call.ts";
import type { OpenStreams } from "./open_streams.ts";
import { type CallOf, cancellableBy } from "./registrar.ts";
import { isStream, methodOf } from "./rpc.ts";

/** What {@link SessionlessRequests} work with. */
export interface SessionlessParts {
  readonly makeServer: (callOf: CallOf) => McpServer;
  readonly streams: OpenStreams;
  readonly refused: (error: Error) => void;
}

/** Requests of 2026-07-28: each says all that it takes to answer it, and ends with its connection. */
export class SessionlessRequests implements AsyncDisposable {
  readonly #parts: SessionlessParts;
  readonly #calls = new WeakMap<Request, McpCall<RequestContext>>();
  readonly #handler: McpHttpHandler;
  /** Answers by a stream whose head leaves at once. */
  readonly #early: McpHttpHandler;

  constructor(parts: SessionlessParts) {
    this.#parts = parts;
    const makeServer = () => parts.makeServer((context) => this.#callOf(context));
    const options = { legacy: "reject", onerror: parts.refused } as const;
    this.#handler = createMcpHandler(makeServer, options);
    this.#early = createMcpHandler(makeServer, { ...options, responseMode: "sse" });
  }

  /**
   * Answers one request.
   *
   * @throws {DomainError} `too_many_executions` where it would be one stream too many.
   */
  async fetch(request: Request, call: McpCall<RequestContext>): Promise<McpAnswer> {
    const { texts } = call;
    const method = methodOf(call.body);
    if (method !== "subscriptions/listen") {
      this.#calls.set(request, call);
      const handler = call.beginsEarly && method === "tools/call" ? this.#early : this.#handler;
      const response = await handler.fetch(request, { parsedBody: call.body });
      return { response, texts };
    }
    return await this.#listen(request, call);
  }

  /** Ends what is in hand. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#handler.close(), this.#early.close()]);
  }

  /** A stream that lasts, so long as its caller's token is good. */
  async #listen(
    { url, method, headers, signal }: Request,
    call: McpCall<RequestContext>,
  ): Promise<McpAnswer> {
    const { texts } = call;
    const over = new AbortController();
    using stack = new DisposableStack();
    const open = stack.use(
      this.#parts.streams.enter(call.context.principal, () => over.abort()),
    );
    const request = new Request(url, {
      method,
      headers,
      signal: AbortSignal.any([signal, over.signal]),
    });
    this.#calls.set(request, call);
    const response = await this.#handler.fetch(request, { parsedBody: call.body });
    if (!isStream(response)) return { response, texts };
    stack.move();
    const left = () => open[Symbol.dispose]();
    return { response, texts, fate: { done: left, left } };
  }

  #callOf({ http, mcpReq }: ServerContext): McpCall<RequestContext> {
    const call = http?.req === undefined ? undefined : this.#calls.get(http.req);
    if (call === undefined) throw new Error("Cannot serve MCP: the request has no context");
    return cancellableBy(mcpReq.signal, call);
  }
}
