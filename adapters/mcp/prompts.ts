import {
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
  type StandardSchemaWithJSON,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { PROMPTS } from "../../domain/prompts/catalogue.ts";
import type { Prompt, PromptArgument } from "../../domain/prompts/prompt.ts";
import { wireMessages } from "../wire/prompts.ts";
import { protocolAnswer } from "./protocol_fault.ts";
import type { McpReach, Registrar } from "./registrar.ts";
import { uncheckedBySdk } from "./shown_schema.ts";

/** Makes what registers the prompts: the same as over HTTP. */
export function prompts(): Registrar {
  const shown = PROMPTS.map((prompt) => ({ prompt, argsSchema: shownArguments(prompt) }));
  return (server, reach) => {
    server.server.registerCapabilities({ prompts: { listChanged: false } });
    for (const { prompt: { slug, title, description }, argsSchema } of shown) {
      server.registerPrompt(slug, { title, description, argsSchema }, async (args, context) => {
        const messages = await messagesOf(slug, args, { reach, context });
        return { description, messages };
      });
    }
  };
}

async function messagesOf(
  slug: string,
  args: unknown,
  { reach, context }: { readonly reach: McpReach; readonly context: ServerContext },
) {
  return await protocolAnswer(reach, context, async (call) => {
    const asked = { slug, arguments: stringsIn(args) };
    const { messages } = await reach.application.getPrompt(asked, call.context);
    return wireMessages(messages);
  });
}

/** The protocol has checked that they are texts; the use case checks all else. */
function stringsIn(args: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(args ?? {});
  const isText = (entry: [string, unknown]): entry is [string, string] =>
    typeof entry[1] === "string";
  if (entries.every(isText)) return Object.fromEntries(entries);
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, "Cannot take the arguments: not texts");
}

/** What clients are shown of a prompt's arguments. */
function shownArguments({ arguments: args }: Prompt): StandardSchemaWithJSON {
  const shape = args.map((argument) => {
    const text = z.string().meta({ description: described(argument) });
    return [argument.name, argument.required ? text : text.optional()] as const;
  });
  return uncheckedBySdk(z.object(Object.fromEntries(shape)));
}

/** The protocol has no place for values and lengths but the description. */
function described({ description, form }: PromptArgument): string {
  switch (form.kind) {
    case "choice":
      return `${description} One of: ${form.values.join(", ")}.`;
    case "text":
      return `${description} At most ${form.maxLength} characters.`;
    case "label":
      return `${description} 1 to 64 letters, digits and _, no digit first.`;
    case "execution":
      return `${description} A UUID.`;
  }
}
