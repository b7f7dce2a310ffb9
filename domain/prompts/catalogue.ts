import { CODE_PROMPTS } from "./code_prompts.ts";
import { GRAPH_PROMPTS } from "./graph_prompts.ts";
import { MAKING_PROMPTS } from "./making_prompts.ts";
import type { Prompt } from "./prompt.ts";

/** Every prompt there is, in the order in which they are listed. */
export const PROMPTS: readonly Prompt[] = [...CODE_PROMPTS, ...GRAPH_PROMPTS, ...MAKING_PROMPTS];
