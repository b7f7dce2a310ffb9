import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import type { z } from "zod";

const DRAFT = { target: "draft-2020-12" } as const;

/**
 * A schema that is shown but lets every value through: a tool checks its arguments itself, so that a
 * fault comes back as the same problem as over HTTP and not as the SDK's own text.
 */
export function uncheckedBySdk(schema: z.ZodType): StandardSchemaWithJSON {
  const input = schema["~standard"].jsonSchema.input(DRAFT);
  return standard(input, (value) => ({ value }));
}

/** A schema of answers: the SDK holds them against it; how it is shown is made once, not for each server. */
export function checkedBySdk(schema: z.ZodType): StandardSchemaWithJSON {
  const { jsonSchema, validate } = schema["~standard"];
  return standard(jsonSchema.output(DRAFT), validate);
}

function standard(
  shown: Record<string, unknown>,
  validate: StandardSchemaWithJSON["~standard"]["validate"],
): StandardSchemaWithJSON {
  return {
    "~standard": {
      version: 1,
      vendor: "ultimate-mcp",
      validate,
      jsonSchema: { input: () => shown, output: () => shown },
    },
  };
}
