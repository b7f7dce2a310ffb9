import type { TemplateRequest } from "../../domain/generation/template.ts";

/** What a worker is asked to fill in. */
export type Asked = TemplateRequest;

/** What a worker made of a template. */
export type Rendered =
  | { readonly kind: "text"; readonly text: string }
  | ({ readonly kind: "invalid" } & TemplateFault);

/** What is wrong with a template. */
export interface TemplateFault {
  readonly message: string;
  /** Counted from 1; `null` where it is not known. */
  readonly line: number | null;
  /** The undefined name; `null` where the fault is another. */
  readonly name: string | null;
}
