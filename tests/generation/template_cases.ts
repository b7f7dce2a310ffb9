import { parseLossless } from "../../adapters/wire/lossless_json.ts";

/** One feature of Jinja's documentation, what Jinja makes of it and what is made of it here. */
export interface TemplateCase {
  readonly feature: string;
  readonly template: string;
  readonly context?: Readonly<Record<string, unknown>>;
  /** What Jinja itself makes of it, under `StrictUndefined`; `null`: it refuses. */
  readonly jinja: string | null;
  /** What is made of it here, where that is another text. */
  readonly here?: string;
  /** How it is refused here, where Jinja does not, or refuses in other words. */
  readonly fault?: string;
  /** Why there is a difference. */
  readonly reason?: string;
}

/** All cases; integers beyond 2^53 in contexts are `bigint`. */
export async function templateCases(): Promise<readonly TemplateCase[]> {
  const text = await Deno.readTextFile(new URL("./features.json", import.meta.url));
  return parseLossless(text) as TemplateCase[];
}
