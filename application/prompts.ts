import { DomainError, isFailure } from "../domain/errors.ts";
import type { GraphMetrics } from "../domain/graph/metrics.ts";
import { requirePermission } from "../domain/identity/principal.ts";
import { PROMPTS } from "../domain/prompts/catalogue.ts";
import type { Prompt, PromptMessage } from "../domain/prompts/prompt.ts";
import { type PromptArguments, renderPrompt, type RenderRules } from "../domain/prompts/render.ts";
import type { RequestContext } from "./request_context.ts";

/** A prompt that is asked for, with its arguments. */
export interface AskedPrompt extends RenderRules {
  readonly slug: string;
  readonly arguments: PromptArguments;
}

/** A prompt, and what it says with the arguments that it was asked for with. */
export interface RenderedPrompt extends Prompt {
  readonly messages: readonly PromptMessage[];
}

/** What somebody has typed of an argument. */
export interface BegunArgument {
  readonly slug: string;
  readonly argument: string;
  readonly value: string;
}

/** What an inbound adapter may ask of prompts. Each rejects with a `DomainError` and nothing else. */
export interface PromptUseCases {
  listPrompts(context: RequestContext): Promise<readonly Prompt[]>;
  getPrompt(asked: AskedPrompt, context: RequestContext): Promise<RenderedPrompt>;
  /** Which values there are that begin so, the likeliest first. */
  completeArgument(begun: BegunArgument, context: RequestContext): Promise<readonly string[]>;
  /** Which labels the graph has that begin so, the commonest first; none while the graph is away. */
  completeLabel(value: string, context: RequestContext): Promise<readonly string[]>;
}

/** What the use cases of prompts work with. */
export interface PromptParts {
  readonly graphMetrics: (context: RequestContext) => Promise<GraphMetrics>;
}

const MOST_QUOTED = 64;

/** The use cases of prompts. Those who may read what tools have done may read these. */
export function promptUseCases(parts: PromptParts): PromptUseCases {
  const useCases: PromptUseCases = {
    // deno-lint-ignore require-await -- so that refusals are rejections
    async listPrompts({ principal }) {
      requirePermission(principal, "tools:read");
      return PROMPTS;
    },
    // deno-lint-ignore require-await -- likewise
    async getPrompt({ slug, arguments: given, ...rules }, { principal }) {
      requirePermission(principal, "tools:read");
      const template = promptOf(slug);
      return { ...template, messages: renderPrompt(template, given, rules) };
    },
    async completeArgument({ slug, argument, value }, context) {
      requirePermission(context.principal, "tools:read");
      const form = promptOf(slug).arguments.find(({ name }) => name === argument)?.form;
      if (form?.kind === "choice") return beginning(form.values, value);
      return form?.kind === "label" ? await useCases.completeLabel(value, context) : [];
    },
    completeLabel: (value, context) => completeLabel(parts, value, context),
  };
  return useCases;
}

async function completeLabel(
  { graphMetrics }: PromptParts,
  value: string,
  context: RequestContext,
): Promise<readonly string[]> {
  try {
    const { labels } = await graphMetrics(context);
    const commonest = Object.entries(labels)
      .sort(([one, few], [other, many]) => many - few || (one < other ? -1 : 1));
    return beginning(commonest.map(([label]) => label), value);
  } catch (error) {
    const isAway = isFailure(error, "dependency_unavailable") || isFailure(error, "circuit_open");
    if (isAway) return [];
    throw error;
  }
}

function promptOf(slug: string): Prompt {
  const template = PROMPTS.find((one) => one.slug === slug);
  if (template !== undefined) return template;
  throw new DomainError({ code: "not_found", what: `prompt '${slug.slice(0, MOST_QUOTED)}'` });
}

function beginning(values: readonly string[], typed: string): readonly string[] {
  const start = typed.toLowerCase();
  return values.filter((value) => value.toLowerCase().startsWith(start));
}
