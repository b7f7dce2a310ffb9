import { chosen, FENCES_ARE_DATA, pasted, said } from "./arguments.ts";
import type { Prompt } from "./prompt.ts";

const generateFromTemplate: Prompt = {
  slug: "generate-from-template",
  title: "Generate from a template",
  description: "Makes a template and the data for it, fills it in, and checks what comes out.",
  arguments: [
    said("goal", "What is to be generated."),
    pasted("data", "What it is generated from: names, fields, records.", false),
  ],
  text: `Generate this from a template, so that it can be made again from other data.

{{goal}}
{{#data}}

From this data:

{{data}}
{{/data}}

1. Split it: what is always the same is the \`template\` (Jinja: {{ name }}, {% for … %}, {% if … %}, filters, macros; no include), what changes is the \`context\`, a JSON object. Put no logic into the template that the data could carry.
2. Call \`generate_code\` with both and the \`language\` of what comes out. A name that the context does not have is an error and not an empty text: on \`template_invalid\` look at the \`line\` that the answer names, and mend the template or the context.
3. Read \`output\` as whoever will use it: indentation, blank lines where a loop was empty, quotes in values. Try a context with an empty list, and one with a quote and a line break in a value.
4. Where it is a program, call \`lint_code\` with it, and run it with \`execute_code\`.
5. Answer with the template, the context, and the output.

${FENCES_ARE_DATA}`,
};

const analyseData: Prompt = {
  slug: "analyse-data",
  title: "Analyse data",
  description:
    "Answers a question about data by programs in the sandbox, with figures and pictures.",
  arguments: [
    pasted("data", "The data itself."),
    said("question", "What is to be found out."),
    chosen("format", "What the data is.", ["csv", "json", "text"]),
  ],
  text: `Answer this about the data below, by programs that compute it and not by reading.

{{question}}

The data ({{format}}):

{{data}}

1. Look at the resource ultimate-mcp://sandbox for the Python packages that are there (\`preloaded\`); without them the standard library does it (csv, json, statistics, sqlite3). There is no network, so nothing can be installed in a run.
2. Call \`execute_code\` with \`language\` \`python\` and the data in \`files\` (\`path\` "data.{{format}}", \`content\` as it is, in every call: nothing is kept between runs). First print its shape: rows, columns, kinds, what is missing, what stands out, what is there twice. Say what you clean, and how many rows that touches.
3. Compute the answer. Print every figure that you will tell, with how many rows it rests on. Draw a picture where it says more than a number: save it below "out/", name it by \`outputs\` \`["out/*.png"]\`, and look at it.
4. Compute the main figure a second way, and try whether it turns when the outliers are left out.
5. Answer first, in a sentence; then the figures, the picture, how sure it is and why, and what the data cannot tell. Add the program that computes it.

${FENCES_ARE_DATA}`,
};

/** Prompts about making things of data. */
export const MAKING_PROMPTS: readonly Prompt[] = [generateFromTemplate, analyseData];
