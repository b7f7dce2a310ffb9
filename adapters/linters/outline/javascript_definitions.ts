import type { Visit } from "./javascript_visit.ts";
import type { Frame, Span } from "./tree_walk.ts";

/** A name that something is assigned to: `f`, `exports.parse`, `Tree.prototype.walk`, `this.#read`. */
const PATH = /^[\p{ID_Start}$_][\p{ID_Continue}$.#\u200c\u200d]*$/u;
/** Longer than any path that is told. */
const MAX_PATH = 500;

/** Opens the function, method or class that a node is. */
export function enterDefinition(node: Frame, parent: Frame | undefined, visit: Visit): void {
  switch (node.type) {
    case "FunctionDeclaration":
    case "FunctionExpression":
      return enterFunction(node, parent, visit);
    case "ArrowFunction":
      return enterArrow(node, parent, visit);
    case "MethodDeclaration":
    case "Property":
      return enterMethod(node, visit);
    case "ClassDeclaration":
    case "ClassExpression":
      return enterClass(node, parent, visit);
  }
}

function enterFunction(node: Frame, parent: Frame | undefined, visit: Visit): void {
  const children = visit.around.children();
  // An overload's signature defines nothing.
  if (!children.some(({ type }) => type === "Block")) return;
  const name = children.find(({ type }) => type === "VariableDefinition");
  openFunction(node, name ? { name, at: node.from } : given(node, parent, visit.text), {
    visit,
    async: children[0]?.type === "async",
    isMethod: name === undefined && isField(parent),
  });
}

function enterArrow(node: Frame, parent: Frame | undefined, visit: Visit): void {
  openFunction(node, given(node, parent, visit.text), {
    visit,
    async: visit.around.children()[0]?.type === "async",
    isMethod: isField(parent),
  });
}

/** A method of a class, or of an object; other properties of an object open nothing. */
function enterMethod(node: Frame, visit: Visit): void {
  const children = visit.around.children();
  const name = propertyName(children);
  if (name === null || !children.some(({ type }) => type === "ParamList")) return;
  const isMethod = node.type === "MethodDeclaration";
  if (!children.some(({ type }) => type === "Block")) {
    if (isMethod) visit.gathering.addMethod(visit.text.slice(name.from, name.to));
    return;
  }
  const at = children.find(({ type }) => type !== "Decorator")?.from ?? node.from;
  const async = children.some(({ type }) => type === "async");
  openFunction(node, { name, at }, { visit, async, isMethod });
}

function enterClass(
  node: Frame,
  parent: Frame | undefined,
  { text, around, gathering }: Visit,
): void {
  const children = around.children();
  node.opens = true;
  const name = children.find(({ type }) => type === "VariableDefinition");
  const at = children.find(({ type }) => type !== "Decorator")?.from ?? node.from;
  const definition = name === undefined ? given(node, parent, text) : { name, at };
  if (definition === null) gathering.enterNameless();
  else gathering.enterClass({ name: written(definition.name, text), at: definition.at });
}

interface Named {
  readonly name: Span;
  readonly at: number;
}

function openFunction(
  node: Frame,
  named: Named | null,
  rest: { readonly visit: Visit; readonly async: boolean; readonly isMethod: boolean },
): void {
  const { text, gathering } = rest.visit;
  node.opens = true;
  if (named === null) return gathering.enterNameless();
  const { async, isMethod } = rest;
  gathering.enterFunction({ name: written(named.name, text), at: named.at, async, isMethod });
}

function written({ from, to }: Span, text: string): string {
  return text.slice(from, to);
}

/** What something nameless is named after where it stands. */
function given(node: Frame, parent: Frame | undefined, text: string): Named | null {
  if (parent === undefined) return null;
  if (parent.type === "ExportDeclaration") {
    // A declaration comes before its `export default` is looked at in whole.
    const { target } = parent;
    return target?.type === "default" ? { name: target, at: node.from } : null;
  }
  const { target, isAssigned } = parent;
  if (target === null || !isAssigned) return null;
  if (target.type === "MemberExpression") {
    const isPath = target.to - target.from <= MAX_PATH && PATH.test(written(target, text));
    return isPath ? { name: target, at: target.from } : null;
  }
  return { name: target, at: isField(parent) ? fieldStart(parent) : target.from };
}

function isField(parent: Frame | undefined): boolean {
  return parent?.type === "PropertyDeclaration" && parent.isAssigned;
}

/** Where a field begins, its decorators left out. */
function fieldStart({ start, target, from }: Frame): number {
  return start ?? target?.from ?? from;
}

const NAMES = new Set([
  "PropertyDefinition",
  "PrivatePropertyDefinition",
  "PropertyName",
  "Number",
  "String",
]);

/** The name of a method, with its brackets where it is computed. */
function propertyName(children: readonly Span[]): Span | null {
  const opening = children.findIndex(({ type }) => type === "[");
  const plain = children.findIndex(({ type }) => NAMES.has(type));
  if (plain !== -1 && (opening === -1 || plain < opening)) return children[plain] ?? null;
  const from = children[opening]?.from;
  const to = children.slice(opening).find(({ type }) => type === "]")?.to;
  return opening === -1 || from === undefined || to === undefined ? null : { type: "[", from, to };
}
