/** What a template may have at most, in bytes of UTF-8. */
export const MAX_TEMPLATE_BYTES = 262_144;

/** What may be made of one, likewise. */
export const MAX_OUTPUT_BYTES = 1_048_576;

/** A template and what it is filled with. */
export interface TemplateRequest {
  /** Jinja source. */
  readonly template: string;
  /** Plain data, as JSON has it; integers that a number cannot hold are `bigint`. */
  readonly context: Readonly<Record<string, unknown>>;
}
