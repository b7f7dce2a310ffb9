import { type McpServer, ResourceTemplate } from "@modelcontextprotocol/server";
import { z } from "zod";
import { PIXEL } from "./content_tools.ts";

const user = (content: object) => ({ role: "user" as const, content: content as never });
const words = (text: string) => user({ type: "text", text });

/** Adds the prompts that are asked for. */
export function addFixturePrompts(server: McpServer): void {
  server.registerPrompt("test_simple_prompt", { description: "Without arguments" }, () => ({
    messages: [words("This is a simple prompt for testing.")],
  }));
  server.registerPrompt("test_prompt_with_arguments", {
    description: "With arguments",
    argsSchema: z.object({ arg1: z.string(), arg2: z.string() }),
  }, ({ arg1, arg2 }) => ({ messages: [words(`arg1='${arg1}', arg2='${arg2}'`)] }));
  server.registerPrompt("test_prompt_with_embedded_resource", {
    description: "With a resource",
    argsSchema: z.object({ resourceUri: z.string() }),
  }, ({ resourceUri: uri }) => {
    const resource = { uri, mimeType: "text/plain", text: "Embedded." };
    return { messages: [user({ type: "resource", resource }), words("Process it.")] };
  });
  server.registerPrompt("test_prompt_with_image", { description: "With an image" }, () => ({
    messages: [user({ type: "image", data: PIXEL, mimeType: "image/png" }), words("Look at it.")],
  }));
  server.server.setRequestHandler("completion/complete", () => ({
    completion: { values: ["paris", "park"], total: 2, hasMore: false },
  }));
}

/** Adds the resources that are asked for. */
export function addFixtureResources(server: McpServer): void {
  const mimeType = "text/plain";
  for (const name of ["static-text", "watched-resource"]) {
    const uri = `test://${name}`;
    server.registerResource(name, uri, { mimeType }, () => ({
      contents: [{ uri, mimeType, text: `The text of ${name}.` }],
    }));
  }
  const binary = { uri: "test://static-binary", mimeType: "image/png" };
  server.registerResource("static-binary", binary.uri, binary, () => ({
    contents: [{ ...binary, blob: PIXEL }],
  }));
  const template = new ResourceTemplate("test://template/{id}/data", { list: undefined });
  const json = { mimeType: "application/json" };
  server.registerResource("template", template, json, (uri, { id }) => {
    const text = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
    return { contents: [{ ...json, uri: uri.href, text }] };
  });
  server.server.setRequestHandler("resources/subscribe", () => ({}));
  server.server.setRequestHandler("resources/unsubscribe", () => ({}));
}
