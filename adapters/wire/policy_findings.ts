import { z } from "@hono/zod-openapi";
import { POLICY_RULES, type PolicyFinding } from "../../domain/policy/finding.ts";

/** A place in a program that the operator's policy does not like. */
export const policyFindingSchema = z.object({
  rule: z.enum(POLICY_RULES),
  path: z.string().optional().meta({ description: "Of a file that came with the program." }),
  line: z.int().positive(),
  column: z.int().positive().meta({ description: "From 1, in code points." }),
  message: z.string(),
});

/** A finding as it crosses the wire. */
export type WireFinding = z.output<typeof policyFindingSchema>;

/** Findings as they cross the wire. */
export function wireFindings(findings: readonly PolicyFinding[]): WireFinding[] {
  return findings.map((finding) => ({ ...finding }));
}
