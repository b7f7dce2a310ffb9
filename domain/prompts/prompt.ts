/**
 * What an argument may be. Whatever is not `text` stands within a line, and is held to a form in which
 * nothing can end its place; a `text` can be anything, and stands in a fence of its own.
 */
export type ArgumentForm =
  | { readonly kind: "choice"; readonly values: readonly string[] }
  | { readonly kind: "text"; readonly maxLength: number }
  /** A label of the graph's nodes. */
  | { readonly kind: "label" }
  /** The id of a stored run: a UUID. */
  | { readonly kind: "execution" };

/** What a prompt is asked with. */
export interface PromptArgument {
  /** Small letters and `_`. */
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly form: ArgumentForm;
}

/** A prompt: what an agent is told to do with the tools of this service. */
export interface Prompt {
  /** By which it is asked for: small letters and `-`. */
  readonly slug: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: readonly PromptArgument[];
  /**
   * Markdown with places for arguments:
   *
   * - `{{name}}`: the argument. That of a text stands alone on its line, and becomes a fence.
   * - `{{#name}}…{{/name}}`: kept where the argument is given; `{{^name}}…{{/name}}`: where it is not.
   * - `{{#name=value}}…{{/name}}`: kept where it has this value.
   *
   * Sections do not lie in one another.
   */
  readonly text: string;
}

/** One thing said in a prompt's rendering. */
export interface PromptMessage {
  readonly role: "user";
  readonly text: string;
}
