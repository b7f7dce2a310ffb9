import { Renderer } from "../adapters/templates/renderer.ts";
import type { LintCodeCase } from "../application/lint_code.ts";
import type { TemplateRenderer } from "../domain/ports/template_renderer.ts";
import { type LintSources, openLinting } from "./compose_lint.ts";
import type { Tracing } from "./compose_tracing.ts";
import type { Config } from "./config.ts";
import type { SearchPath } from "./env.ts";

/** The tools that compute in processes of their own. */
export interface Tools {
  readonly renderer: TemplateRenderer;
  readonly lintCode: LintCodeCase;
  /** What reads texts for it: closed, it takes no more of them. */
  readonly linter: AsyncDisposable;
}

/** Starts nothing: each begins when it is first asked. */
export function openTools(
  config: Config,
  search: SearchPath,
  sources: LintSources & { readonly tracing: Pick<Tracing, "renderer"> },
  stack: AsyncDisposableStack,
): Tools {
  const { PATH, HOME, DENO_DIR } = search;
  const environment = { PATH, HOME, ...(DENO_DIR !== null && { DENO_DIR }) };
  const { deno } = config.sandbox;
  return {
    renderer: sources.tracing.renderer(stack.use(new Renderer({ deno, environment }))),
    ...openLinting(config, search, sources, stack),
  };
}
