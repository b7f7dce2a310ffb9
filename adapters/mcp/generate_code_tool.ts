import { validationFailed } from "../wire/faults.ts";
import { generateCodeSchema, generatedCodeSchema } from "../wire/generate_code.ts";
import { answered } from "./answered.ts";
import type { Registrar } from "./registrar.ts";
import { checkedBySdk, uncheckedBySdk } from "./shown_schema.ts";

/** Makes what registers `generate_code`. */
export function generateCodeTool(): Registrar {
  const inputSchema = uncheckedBySdk(generateCodeSchema);
  const outputSchema = checkedBySdk(generatedCodeSchema);
  return (server, reach) => {
    server.registerTool("generate_code", {
      title: "Fill a template in",
      description:
        "Fills a Jinja template in with the values of `context`, for code or any other text: loops, " +
        "conditions, macros, filters. A name that is not given is a fault, told with its line. There " +
        "are no other templates to include, and nothing is escaped.",
      inputSchema,
      outputSchema,
      annotations: {
        readOnlyHint: true,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: false,
      },
    }, (args, call) =>
      answered(reach, call, async ({ context, texts }) => {
        const checked = generateCodeSchema.safeParse(args ?? {});
        if (!checked.success) throw validationFailed(checked.error, args);
        const generated = await reach.application.generateCode(checked.data, context);
        const output = texts.hold(generated.output);
        return {
          content: [{ type: "text", text: output }],
          structuredContent: { ...generated, output },
        };
      }));
  };
}
