import type { TemplateRequest } from "../domain/generation/template.ts";
import { requirePermission } from "../domain/identity/principal.ts";
import { ensureDictStructure } from "../domain/input/structure.ts";
import type { TemplateRenderer } from "../domain/ports/template_renderer.ts";
import { actorOf, type Audit } from "./audit_trail.ts";
import type { RequestContext } from "./request_context.ts";

/** A request to fill a template in, already checked for its shape. */
export interface GenerateCode extends TemplateRequest {
  /** What the output is written in: told back, and nothing else follows from it. */
  readonly language: string;
}

/** What was made of a template. */
export interface GeneratedCode {
  readonly id: string;
  readonly language: string;
  readonly output: string;
}

/** What {@link generateCode} works with. */
export interface GenerateCodeParts {
  readonly renderer: Pick<TemplateRenderer, "render">;
  readonly audit: Audit;
  /** The SHA-256 of a text's UTF-8, in hexadecimal digits. */
  readonly sha256: (text: string) => string;
  /** A new id that sorts by time of making. */
  readonly newId: () => string;
}

/**
 * Fills a template in. The audit is told before the answer is given; the output itself is not kept, since
 * the same request makes it again.
 *
 * @throws {DomainError} `forbidden`, `validation_failed`, `template_invalid`, `too_many_executions`,
 * `dependency_unavailable`, `shutting_down`, `cancelled`.
 */
export async function generateCode(
  { renderer, audit, sha256, newId }: GenerateCodeParts,
  { template, context: values, language }: GenerateCode,
  context: RequestContext,
): Promise<GeneratedCode> {
  requirePermission(context.principal, "tools:generate");
  ensureDictStructure(values, "/context");
  const { subject } = context.principal;
  const request = { template, context: values };
  const output = await renderer.render(request, subject, context.signal);
  const id = newId();
  const hashes = { template_sha256: sha256(template), output_sha256: sha256(output) };
  const fact = {
    type: "code_generated",
    details: { generation_id: id, language, ...hashes },
  } as const;
  await audit.record(fact, actorOf(context));
  return { id, language, output };
}
