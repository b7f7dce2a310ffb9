import type { McpServer, StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import type { Application } from "../../application/application.ts";
import type { RequestContext } from "../../application/request_context.ts";
import type { Log } from "../../domain/ports/log.ts";
import { validationFailed } from "../wire/faults.ts";
import { generateCodeSchema, generatedCodeSchema } from "../wire/generate_code.ts";
import type { LongTexts } from "../wire/long_texts.ts";
import { problemResult } from "./problem_result.ts";
import { uncheckedBySdk } from "./shown_schema.ts";

/** What the tool works with, for one request. */
export interface GenerateCodeToolParts {
  readonly application: Application;
  readonly log: Log;
  readonly context: RequestContext;
  /** Takes long answers, so that the SDK makes no JSON of them. */
  readonly texts: LongTexts;
}

let shown: StandardSchemaWithJSON | undefined;

/** Registers `generate_code` for the caller of one request. */
export function addGenerateCodeTool(server: McpServer, parts: GenerateCodeToolParts): void {
  const { application, log, texts } = parts;
  server.registerTool("generate_code", {
    title: "Fill a template in",
    description:
      "Fills a Jinja template in with the values of `context`, for code or any other text: loops, " +
      "conditions, macros, filters. A name that is not given is a fault, told with its line. There " +
      "are no other templates to include, and nothing is escaped.",
    inputSchema: shown ??= uncheckedBySdk(generateCodeSchema),
    outputSchema: generatedCodeSchema,
    annotations: {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: false,
    },
  }, async (args, { mcpReq }) => {
    const signal = AbortSignal.any([parts.context.signal, mcpReq.signal]);
    try {
      const checked = generateCodeSchema.safeParse(args ?? {});
      if (!checked.success) throw validationFailed(checked.error, args);
      const generated = await application.generateCode(checked.data, { ...parts.context, signal });
      const output = texts.hold(generated.output);
      return {
        content: [{ type: "text", text: output }],
        structuredContent: { ...generated, output },
      };
    } catch (error) {
      return problemResult(error, { log, correlationId: parts.context.correlationId });
    }
  });
}
