import { z } from "@hono/zod-openapi";
import { PROMPTS } from "../../domain/prompts/catalogue.ts";
import type { Prompt, PromptArgument, PromptMessage } from "../../domain/prompts/prompt.ts";

const argumentSchema = z.object({
  name: z.string(),
  description: z.string(),
  required: z.boolean(),
  values: z.array(z.string()).optional().meta({ description: "What it may be, if not any text." }),
  max_length: z.int().optional().meta({ description: "In UTF-16 units." }),
});

const messageSchema = z.object({
  role: z.literal("user"),
  content: z.object({ type: z.literal("text"), text: z.string() }),
});

/** A prompt, as it is listed. */
export const promptSchema = z.object({
  slug: z.string(),
  title: z.string(),
  description: z.string(),
  arguments: z.array(argumentSchema),
}).openapi("Prompt");

/** Every prompt there is. */
export const promptsSchema = z.object({ prompts: z.array(promptSchema) });

/** A prompt with what it says. */
export const renderedPromptSchema = promptSchema.extend({
  messages: z.array(messageSchema).meta({
    description:
      "As in MCP. Where a required argument is not given, its place stands as `{{name}}`.",
  }),
}).openapi("RenderedPrompt");

/** The arguments of all prompts as parameters of a query; which of them a prompt takes is its own. */
export const promptQuerySchema = z.looseObject(
  Object.fromEntries(
    PROMPTS.flatMap((prompt) => prompt.arguments).map(({ name }) => [
      name,
      z.string().optional().meta({ description: "Where the prompt has an argument of this name." }),
    ]),
  ),
);

/** A message as MCP and HTTP have it. */
export type WirePromptMessage = z.output<typeof messageSchema>;

/** A prompt as it is listed. */
export function wirePrompt(prompt: Prompt): z.output<typeof promptSchema> {
  const { slug, title, description } = prompt;
  return { slug, title, description, arguments: prompt.arguments.map(wireArgument) };
}

/** A prompt with what it says. */
export function wireRenderedPrompt(
  prompt: Prompt & { readonly messages: readonly PromptMessage[] },
): z.output<typeof renderedPromptSchema> {
  return { ...wirePrompt(prompt), messages: wireMessages(prompt.messages) };
}

/** What a prompt says, as MCP and HTTP have it. */
export function wireMessages(messages: readonly PromptMessage[]): WirePromptMessage[] {
  return messages.map(({ role, text }) => ({ role, content: { type: "text", text } }));
}

function wireArgument(argument: PromptArgument): z.output<typeof argumentSchema> {
  const { name, description, required, form } = argument;
  return {
    name,
    description,
    required,
    ...(form.kind === "choice" && { values: [...form.values] }),
    ...(form.kind === "text" && { max_length: form.maxLength }),
  };
}
