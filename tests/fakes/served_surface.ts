import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { McpOptions } from "../../adapters/mcp/server.ts";
import { HttpSurface } from "./http_surface.ts";
import { McpPeer } from "./mcp_peer.ts";

/** The protocol revisions that are served, and how a client asks for each. */
export const ERAS = [
  { name: "2025-11-25", mode: "legacy", version: "2025-11-25" },
  { name: "2026-07-28", mode: { pin: "2026-07-28" }, version: "2026-07-28" },
] as const;

/** A protocol revision. */
export type Era = (typeof ERAS)[number];

/** The surface behind a real socket. */
export class ServedSurface implements AsyncDisposable {
  readonly surface: HttpSurface;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(options: McpOptions = {}) {
    this.surface = new HttpSurface({}, options);
    this.#server = this.#serve();
  }

  #serve(): Deno.HttpServer<Deno.NetAddr> {
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    return Deno.serve(options, (request, info) => this.surface.fetch(request, info));
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.#server.addr.port}/mcp`);
  }

  /** A client of 2025-11-25, with a session of its own. */
  async peer(token = "developer-token"): Promise<McpPeer> {
    const peer = new McpPeer(this.url, token);
    await peer.initialize();
    return peer;
  }

  async connect(era: Era, token: string | null = "developer-token"): Promise<ConnectedClient> {
    const client = new Client({ name: "test", version: "1" }, {
      versionNegotiation: { mode: era.mode },
    });
    const headers: Record<string, string> = { "x-correlation-id": "mcp-test-1" };
    if (token !== null) headers.authorization = `Bearer ${token}`;
    const bodies = new Bodies();
    const options = { requestInit: { headers }, fetch: bodies.fetch };
    await client.connect(new StreamableHTTPClientTransport(this.url, options));
    const close = async () => {
      await client.close();
      await bodies.end();
    };
    return { client, [Symbol.asyncDispose]: close };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.surface[Symbol.asyncDispose]();
    await this.#server.shutdown();
  }
}

/** The bodies of answers, which the client gives up at its close and does not wait for. */
class Bodies {
  readonly #ending = new AbortController();
  readonly #ends: Promise<void>[] = [];

  readonly fetch = async (input: string | URL, init?: RequestInit): Promise<Response> => {
    const response = await fetch(input, init);
    if (response.body === null) return response;
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const passed = response.body.pipeTo(writable, { signal: this.#ending.signal });
    // Whoever reads it is told of a fault by what he reads.
    this.#ends.push(passed.catch(() => {}));
    return new Response(readable, response);
  };

  async end(): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.#ends);
  }
}

/** A client that closes itself. */
export interface ConnectedClient extends AsyncDisposable {
  readonly client: Client;
}
