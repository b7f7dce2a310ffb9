import type { CallToolResult, McpServer, ServerContext } from "@modelcontextprotocol/server";
import { fromJsonSchema } from "@modelcontextprotocol/server";

/** One red pixel. */
export const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
/** A sound of no length. */
const SOUND = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=";

type Content = CallToolResult["content"];

const EMBEDDED = {
  type: "resource",
  resource: { uri: "test://embedded-resource", mimeType: "text/plain", text: "Embedded." },
} as const;

/** Tools that answer with a content of some kind. */
const CONTENTS: Readonly<Record<string, Content>> = {
  test_simple_text: [{ type: "text", text: "This is a simple text response for testing." }],
  test_image_content: [{ type: "image", data: PIXEL, mimeType: "image/png" }],
  test_audio_content: [{ type: "audio", data: SOUND, mimeType: "audio/wav" }],
  test_embedded_resource: [EMBEDDED],
  test_multiple_content_types: [
    { type: "text", text: "Several contents:" },
    { type: "image", data: PIXEL, mimeType: "image/png" },
    EMBEDDED,
  ],
};

/** A schema of JSON Schema 2020-12 that has to come through as it is. */
const SCHEMA_2020 = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  $defs: {
    address: {
      $anchor: "addressDef",
      type: "object",
      properties: { street: { type: "string" }, city: { type: "string" } },
    },
  },
  properties: {
    name: { type: "string" },
    address: { $ref: "#/$defs/address" },
    contactMethod: { type: "string", enum: ["phone", "email"] },
    phone: { type: "string" },
    email: { type: "string" },
  },
  allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
  if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
  then: { required: ["phone"] },
  else: { required: ["email"] },
  additionalProperties: false,
} as const;

/** Adds the tools that answer at once, and those that tell while they work. */
export function addContentTools(server: McpServer): void {
  for (const [name, content] of Object.entries(CONTENTS)) {
    server.registerTool(name, { description: `Answers: ${name}` }, () => ({ content }));
  }
  server.registerTool("test_error_handling", { description: "Fails" }, () => {
    throw new Error("This tool intentionally returns an error for testing");
  });
  server.registerTool("json_schema_2020_12_tool", {
    description: "Has such a schema",
    inputSchema: fromJsonSchema(structuredClone(SCHEMA_2020) as never),
  }, (args) => ({ content: [{ type: "text", text: JSON.stringify(args) }] }));
  server.registerTool("test_tool_with_logging", { description: "Logs" }, logging);
  server.registerTool("test_logging_tool", { description: "Logs" }, logging);
  server.registerTool("test_tool_with_progress", { description: "Tells progress" }, progressing);
  server.registerTool("test_reconnection", { description: "Cuts its stream" }, reconnecting);
}

async function logging({ mcpReq }: ServerContext): Promise<CallToolResult> {
  for (const step of ["started", "works", "has ended"]) await mcpReq.log("info", `It ${step}`);
  return text("It has logged");
}

async function progressing({ mcpReq }: ServerContext): Promise<CallToolResult> {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken !== undefined) {
    for (const progress of [0, 50, 100]) {
      const params = { progressToken, progress, total: 100, message: `${progress} of 100` };
      await mcpReq.notify({ method: "notifications/progress", params });
    }
  }
  return text("It has told its progress");
}

async function reconnecting({ http }: ServerContext): Promise<CallToolResult> {
  http?.closeSSE?.();
  await new Promise((resolve) => setTimeout(resolve, 100));
  return text("Whoever reads this has come back");
}

/** An answer of one text. */
export function text(words: string): CallToolResult {
  return { content: [{ type: "text", text: words }] };
}
