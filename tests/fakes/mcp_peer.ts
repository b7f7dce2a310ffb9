import assert from "node:assert/strict";
import { EventSourceParserStream } from "eventsource-parser/stream";

const REVISION = "2025-11-25";

/** What begins a session. */
export const INITIALIZE = {
  id: 0,
  method: "initialize",
  params: {
    protocolVersion: REVISION,
    capabilities: {},
    clientInfo: { name: "peer", version: "1" },
  },
} as const;

/** A JSON-RPC message as it arrives. */
export interface PeerMessage {
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
}

/** One event of a stream; the first of a stream has no message. */
export interface PeerEvent {
  readonly id: string | undefined;
  readonly message: PeerMessage | null;
}

/** A stream of events that is read one by one, and can be left. */
export class PeerStream {
  readonly #reader: ReadableStreamDefaultReader<{ id?: string | undefined; data: string }>;

  constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream())
      .getReader();
  }

  /** The next event; `null` where the stream has ended. */
  async next(): Promise<PeerEvent | null> {
    const { done, value } = await this.#reader.read();
    if (done) return null;
    return { id: value.id, message: value.data === "" ? null : JSON.parse(value.data) };
  }

  /** The next message of all. */
  async message(): Promise<PeerMessage> {
    for (let event = await this.next(); event !== null; event = await this.next()) {
      if (event.message !== null) return event.message;
    }
    throw new assert.AssertionError({ message: "the stream ended without a message" });
  }

  /** Closes the connection. */
  async leave(): Promise<void> {
    await this.#reader.cancel();
  }
}

/** A client of 2025-11-25 that does what it is told and nothing else. */
export class McpPeer {
  readonly #url: URL;
  readonly #token: string;
  /** Its session's id. */
  session = "";

  constructor(url: URL, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** Sends any request. */
  async fetch(method: string, message?: object, more: HeadersInit = {}): Promise<Response> {
    const headers = new Headers({
      authorization: `Bearer ${this.#token}`,
      accept: method === "GET" ? "text/event-stream" : "application/json, text/event-stream",
      "mcp-protocol-version": REVISION,
    });
    if (message !== undefined) headers.set("content-type", "application/json");
    if (this.session !== "") headers.set("mcp-session-id", this.session);
    for (const [name, value] of new Headers(more)) headers.set(name, value);
    const body = message === undefined ? null : JSON.stringify({ jsonrpc: "2.0", ...message });
    return await fetch(this.#url, { method, headers, body });
  }

  /** Sends a request that is answered by a stream. */
  async ask(id: number, method: string, params: object = {}): Promise<PeerStream> {
    return streamOf(await this.fetch("POST", { id, method, params }));
  }

  /** Sends what needs no answer; the status. */
  async tell(method: string, params: object = {}): Promise<number> {
    return await statusOf(await this.fetch("POST", { method, params }));
  }

  /** Begins a session. */
  async initialize(): Promise<void> {
    const response = await this.fetch("POST", INITIALIZE);
    this.session = response.headers.get("mcp-session-id") ?? "";
    assert.equal(response.status, 200, response.ok ? "" : await response.text());
    assert.notEqual(this.session, "");
    const { result } = await streamOf(response).message();
    assert.equal(result?.protocolVersion, REVISION);
    assert.equal(await this.tell("notifications/initialized"), 202);
  }

  /** Calls `execute_code`. */
  async run(id: number, code: string, _meta: object = {}): Promise<PeerStream> {
    const params = { name: "execute_code", arguments: { code }, _meta };
    return await this.ask(id, "tools/call", params);
  }

  /** Opens the stream that answers no request, or takes one up again after an event. */
  async listen(after?: string): Promise<Response> {
    return await this.fetch(
      "GET",
      undefined,
      after === undefined ? {} : { "last-event-id": after },
    );
  }

  /** The status of a stream that is refused. */
  async listenStatus(after?: string): Promise<number> {
    return await statusOf(await this.listen(after));
  }

  /** The status of a request whose answer is of no interest. */
  async statusOf(method: string, message?: object): Promise<number> {
    return await statusOf(await this.fetch(method, message));
  }
}

async function statusOf(response: Response): Promise<number> {
  await response.text();
  return response.status;
}

/** An answer that has to be a stream. */
export function streamOf(response: Response): PeerStream {
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
  return new PeerStream(response.body ?? new ReadableStream());
}
