import { createRequestStateCodec } from "@modelcontextprotocol/server";
import type { McpOptions } from "../../adapters/mcp/server.ts";
import { HttpSurface } from "../fakes/http_surface.ts";
import { addAskingTools } from "./asking_tools.ts";
import { addContentTools } from "./content_tools.ts";
import { addFixturePrompts, addFixtureResources } from "./prompts_and_resources.ts";
import { addRoundTripTools } from "./round_trip_tools.ts";

/** The product's HTTP and MCP adapters with the suite's fixtures on them instead of the product's tools. */
export interface Harness extends AsyncDisposable {
  readonly url: string;
}

/** What the fixtures can do that the product does not. */
const CAPABILITIES = {
  logging: {},
  completions: {},
  tools: { listChanged: false },
  prompts: { listChanged: false },
  resources: { listChanged: false, subscribe: true },
};

function fixtures(): McpOptions {
  const codec = createRequestStateCodec({ key: crypto.getRandomValues(new Uint8Array(32)) });
  return {
    server: { capabilities: CAPABILITIES, requestState: { verify: codec.verify } },
    registrars: [
      addContentTools,
      addAskingTools,
      (server) => addRoundTripTools(server, codec),
      addFixturePrompts,
      addFixtureResources,
    ],
  };
}

/** Serves the fixtures on loopback. The suite can send no token, so each request is given one here. */
export function openHarness(options: McpOptions = fixtures()): Harness {
  const surface = new HttpSurface({}, options);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request, info) => {
      const headers = new Headers(request.headers);
      headers.set("authorization", "Bearer admin-token");
      const authorized = new Request(request, { headers });
      const response = await surface.fetch(authorized, info);
      // A body that was refused unread is no longer the server's to drop.
      if (!authorized.bodyUsed) await authorized.body?.cancel();
      return response;
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/mcp`,
    async [Symbol.asyncDispose]() {
      await surface[Symbol.asyncDispose]();
      await server.shutdown();
    },
  };
}
