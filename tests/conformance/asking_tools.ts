import type {
  CallToolResult,
  ElicitRequestFormParams,
  McpServer,
  ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { text } from "./content_tools.ts";

type Form = ElicitRequestFormParams["requestedSchema"];

const DEFAULTS: Form = {
  type: "object",
  properties: {
    name: { type: "string", default: "John Doe" },
    age: { type: "integer", default: 30 },
    score: { type: "number", default: 95.5 },
    status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
    verified: { type: "boolean", default: true },
  },
};

const OPTIONS = ["option1", "option2", "option3"];
const TITLED = OPTIONS.map((value, at) => ({ const: value, title: `Option ${at + 1}` }));
const ENUMS: Form = {
  type: "object",
  properties: {
    untitledSingle: { type: "string", enum: OPTIONS },
    titledSingle: { type: "string", oneOf: TITLED },
    legacyEnum: { type: "string", enum: OPTIONS, enumNames: ["One", "Two", "Three"] },
    untitledMulti: { type: "array", items: { type: "string", enum: OPTIONS } },
    titledMulti: { type: "array", items: { anyOf: TITLED } },
  },
};

/** Adds the tools that ask the client while they work, as until 2025-11-25. */
export function addAskingTools(server: McpServer): void {
  server.registerTool("test_sampling", {
    description: "Asks the client's model",
    inputSchema: z.object({ prompt: z.string() }),
  }, ({ prompt }, context) => sample(prompt, context));
  server.registerTool("test_elicitation", {
    description: "Asks the user",
    inputSchema: z.object({ message: z.string() }),
  }, ({ message }, context) => {
    const form: Form = {
      type: "object",
      properties: { username: { type: "string" }, email: { type: "string" } },
      required: ["username", "email"],
    };
    return ask(message, form, context);
  });
  const forms = { sep1034_defaults: DEFAULTS, sep1330_enums: ENUMS };
  for (const [name, form] of Object.entries(forms)) {
    server.registerTool(
      `test_elicitation_${name}`,
      { description: "Asks the user" },
      (context) => ask("Please fill this in", form, context),
    );
  }
}

async function sample(prompt: string, { mcpReq }: ServerContext): Promise<CallToolResult> {
  const messages = [{ role: "user" as const, content: { type: "text" as const, text: prompt } }];
  const { content } = await mcpReq.requestSampling({ messages, maxTokens: 100 });
  return text(`LLM response: ${JSON.stringify(content)}`);
}

async function ask(
  message: string,
  requestedSchema: Form,
  { mcpReq }: ServerContext,
): Promise<CallToolResult> {
  const { action, content } = await mcpReq.elicitInput({ message, requestedSchema });
  return text(`User response: ${action} ${JSON.stringify(content ?? {})}`);
}
