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
    const transport = new StreamableHTTPClientTransport(this.url, { requestInit: { headers } });
    await client.connect(transport);
    return { client, [Symbol.asyncDispose]: () => client.close() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.surface[Symbol.asyncDispose]();
    await this.#server.shutdown();
  }
}

/** A client that closes itself. */
export interface ConnectedClient extends AsyncDisposable {
  readonly client: Client;
}
