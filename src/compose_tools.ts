import { Renderer } from "../adapters/templates/renderer.ts";
import type { TemplateRenderer } from "../domain/ports/template_renderer.ts";
import type { Config } from "./config.ts";
import type { SearchPath } from "./env.ts";

/** What the tools need that compute in processes of their own. */
export interface Tools {
  readonly renderer: TemplateRenderer;
}

/** Starts nothing: each begins when it is first asked. */
export function openTools(
  { sandbox: { deno } }: Config,
  { PATH, HOME, DENO_DIR }: SearchPath,
  stack: AsyncDisposableStack,
): Tools {
  const environment = { PATH, HOME, ...(DENO_DIR !== null && { DENO_DIR }) };
  return { renderer: stack.use(new Renderer({ deno, environment })) };
}
