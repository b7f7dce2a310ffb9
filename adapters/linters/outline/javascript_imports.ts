import type { Visit } from "./javascript_visit.ts";
import type { Frame, Span } from "./tree_walk.ts";

/** What an item of a list of imports or exports begins with. */
const NAMES = new Set(["VariableDefinition", "VariableName", "String", "default"]);

/** Notes `import …`, types too. */
export function importDeclaration({ from }: Frame, visit: Visit): void {
  const { text, gathering, around } = visit;
  const children = around.children();
  const module = moduleOf(children, text);
  if (module === null) return;
  const isAll = children.some(({ type }) => type === "Star");
  const hasDefault = children.findIndex(({ type }) => type === "VariableDefinition") !== -1;
  const first = isAll ? ["*"] : hasDefault ? ["default"] : [];
  gathering.import(module, [...first, ...listed(around.childrenOfThe("ImportGroup"), text)], from);
}

/** Notes `export … from "…"`. */
export function exportFrom({ from }: Frame, { text, gathering, around }: Visit): void {
  const children = around.children();
  if (!children.some(({ type }) => type === "from")) return;
  const module = moduleOf(children, text);
  if (module === null) return;
  const names = children.some(({ type }) => type === "Star")
    ? ["*"]
    : listed(around.childrenOfThe("ExportGroup"), text);
  gathering.import(module, names, from);
}

/** Notes `import("…")`, in an expression or a type, and `require("…")`, where the module is written out. */
export function callImport(node: Frame, { text, gathering, around }: Visit): void {
  const children = around.children();
  const [callee] = children;
  if (node.type !== "CallExpression") {
    const module = literal(children[2], text);
    if (module !== null) gathering.import(module, [], node.from);
    return;
  }
  if (callee?.type !== "VariableName" || text.slice(callee.from, callee.to) !== "require") return;
  const [, only, closing] = around.childrenOfThe("ArgList");
  const module = closing?.type === ")" ? literal(only, text) : null;
  if (module !== null) gathering.import(module, [], node.from);
}

/** The last text of a statement: `export * as "name" from "module"` has two. */
function moduleOf(children: readonly Span[], text: string): string | null {
  return literal(children.findLast(({ type }) => type === "String"), text);
}

/** What is between the quotes; `null` for what is no text or has a part that is computed. */
function literal(span: Span | undefined, text: string): string | null {
  if (span?.type !== "String" && span?.type !== "TemplateString") return null;
  const written = text.slice(span.from, span.to);
  if (span.type === "TemplateString" && written.includes("${")) return null;
  return written.slice(
    1,
    written.length > 1 && written.endsWith(written.charAt(0)) ? -1 : undefined,
  );
}

/** The names in braces as the module has them, without what they are called here. */
function listed(children: readonly Span[], text: string): string[] {
  const names: string[] = [];
  let isNew = true;
  for (const child of children) {
    if (child.type === ",") isNew = true;
    else if (isNew && NAMES.has(child.type)) {
      names.push(literal(child, text) ?? text.slice(child.from, child.to));
      isNew = false;
    }
  }
  return names;
}
