// The shapes of `generate_code`, for HTTP and MCP alike.
import { z } from "@hono/zod-openapi";
import { MAX_OUTPUT_BYTES, MAX_TEMPLATE_BYTES } from "../../domain/generation/template.ts";
import { MAX_LEVELS } from "../../domain/input/structure.ts";

/** What the output can be written in: any short name, which is told back. */
const LANGUAGE = /^[A-Za-z][A-Za-z0-9+#._-]{0,31}$/;

/** A checked request to fill a template in. */
export interface GenerateCodeRequest {
  template: string;
  context: Record<string, unknown>;
  language: string;
}

/** The request; what stands in the context is judged by the domain. */
export const generateCodeSchema: z.ZodType<GenerateCodeRequest> = z.strictObject({
  template: templateSchema(),
  context: z.unknown().refine(isObject, "an object")
    .default({})
    .meta({
      type: "object",
      description: `The template's variables by name, ${MAX_LEVELS} levels at most. ` +
        "A name that is used and not given is a fault.",
      examples: [{ name: "add", parameters: ["a", "b"] }],
    }) as z.ZodType<Record<string, unknown>>,
  language: z.string().regex(LANGUAGE, `a name like ${LANGUAGE.source}`).default("python").meta({
    description: "What the output is written in: told back. Nothing is escaped on its account.",
  }),
}).openapi("CodeTemplate");

/** What was made of a template. */
export const generatedCodeSchema = z.object({
  id: z.uuid(),
  language: z.string(),
  output: z.string().meta({ description: `At most ${MAX_OUTPUT_BYTES} bytes of UTF-8.` }),
}).openapi("GeneratedCode");

function templateSchema() {
  const expected = `at most ${MAX_TEMPLATE_BYTES} bytes of UTF-8 text`;
  return z.string()
    .max(MAX_TEMPLATE_BYTES, expected)
    .refine((text) => text.isWellFormed(), "Unicode text without lone surrogates")
    .refine((text) => new TextEncoder().encode(text).length <= MAX_TEMPLATE_BYTES, expected)
    .meta({
      description: `A Jinja template, ${expected}.`,
      examples: ["def {{ name }}({{ parameters | join(', ') }}):\n    pass\n"],
    });
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
