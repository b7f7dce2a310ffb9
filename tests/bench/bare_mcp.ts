/**
 * MCP by the SDK alone: a server with one tool that does nothing, for both revisions, without token, log
 * or limit. Writes its port.
 */
import {
  createMcpHandler,
  isLegacyRequest,
  McpServer,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";

function makeServer(): McpServer {
  const server = new McpServer({ name: "bare", version: "1" });
  server.registerTool("empty", { description: "Does nothing" }, () => ({
    content: [{ type: "text", text: "" }],
  }));
  return server;
}

const modern = createMcpHandler(makeServer, { legacy: "reject" });
const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();

async function begin(request: Request, parsedBody: unknown): Promise<Response> {
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: () => crypto.randomUUID(),
    onsessioninitialized: (id) => void sessions.set(id, transport),
  });
  await makeServer().connect(transport);
  return await transport.handleRequest(request, { parsedBody });
}

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => Deno.stdout.writeSync(new TextEncoder().encode(`${port}\n`)),
}, async (request) => {
  const parsedBody: unknown = await request.json();
  if (!await isLegacyRequest(request, parsedBody)) {
    return await modern.fetch(request, { parsedBody });
  }
  const session = sessions.get(request.headers.get("mcp-session-id") ?? "");
  return session === undefined
    ? await begin(request, parsedBody)
    : await session.handleRequest(request, { parsedBody });
});
