import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import type { z } from "zod";

/**
 * A schema that is shown but lets every value through: a tool checks its arguments itself, so that a
 * fault comes back as the same problem as over HTTP and not as the SDK's own text.
 */
export function uncheckedBySdk(schema: z.ZodType): StandardSchemaWithJSON {
  const { jsonSchema } = schema["~standard"];
  const input = jsonSchema.input({ target: "draft-2020-12" });
  return {
    "~standard": {
      version: 1,
      vendor: "ultimate-mcp",
      validate: (value) => ({ value }),
      jsonSchema: { input: () => input, output: () => input },
    },
  };
}
