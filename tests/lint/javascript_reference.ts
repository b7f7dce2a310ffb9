/** What the parser of `deno lint` finds in a text, to be compared with an outline. */
export interface Reference {
  /** `name line async?`, the names without those around them. */
  readonly functions: readonly string[];
  /** `name line: methods`. */
  readonly classes: readonly string[];
  /** `module {names} line`. */
  readonly imports: readonly string[];
  readonly complexity: number;
}

type Node = Deno.lint.Node;
type Found = { [K in Exclude<keyof Reference, "complexity">]: [at: number, what: string][] };

const SHORT_CIRCUITS = new Set(["&&=", "||=", "??="]);

/** Reads a text; throws where it is not of the language that the path's extension tells. */
export function referenceOf(path: string, text: string): Reference {
  const found: Found = { functions: [], classes: [], imports: [] };
  let decisions = 0;
  const lines = lineCounter(text);
  const note = (list: keyof Found, node: { range: Deno.lint.Range }, what: string) => {
    found[list].push([node.range[0], what]);
  };
  const decide = () => {
    decisions += 1;
  };
  const onFunction = (node: Node) => noteFunction(node, text, { lines, note });
  const onClass = (node: Node) => noteClass(node, text, { lines, note });
  const visitor: Deno.lint.LintVisitor = {
    FunctionDeclaration: onFunction,
    FunctionExpression: onFunction,
    ArrowFunctionExpression: onFunction,
    ClassDeclaration: onClass,
    ClassExpression: onClass,
    ...importVisitor({ lines, note }),
    IfStatement: decide,
    ConditionalExpression: decide,
    LogicalExpression: decide,
    ForStatement: decide,
    ForInStatement: decide,
    ForOfStatement: decide,
    WhileStatement: decide,
    DoWhileStatement: decide,
    CatchClause: decide,
    SwitchCase: (node) => void (node.test !== null && decide()),
    AssignmentExpression: (node) => void (SHORT_CIRCUITS.has(node.operator) && decide()),
  };
  const plugin = { name: "outline", rules: { all: { create: () => visitor } } };
  Deno.lint.runPlugin(plugin, path, text);
  const inOrder = (list: keyof Found) => {
    return found[list].toSorted(([one], [other]) => one - other).map(([, what]) => what);
  };
  return {
    functions: inOrder("functions"),
    classes: inOrder("classes"),
    imports: inOrder("imports"),
    complexity: 1 + decisions,
  };
}

interface Notes {
  readonly lines: (offset: number) => number;
  readonly note: (list: keyof Found, node: { range: Deno.lint.Range }, what: string) => void;
}

function lineCounter(text: string): (offset: number) => number {
  const starts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  return (offset) => {
    const after = starts.findIndex((start) => start > offset);
    return after === -1 ? starts.length : after;
  };
}

function importVisitor({ lines, note }: Notes): Deno.lint.LintVisitor {
  const noteImport = (node: Node, source: Node | null, names: readonly string[]) => {
    if (source?.type !== "Literal" || typeof source.value !== "string") return;
    note("imports", node, `${source.value} {${names.join()}} ${lines(node.range[0])}`);
  };
  return {
    ImportDeclaration: (node) => noteImport(node, node.source, node.specifiers.map(importedName)),
    ExportAllDeclaration: (node) => noteImport(node, node.source, ["*"]),
    ExportNamedDeclaration(node) {
      noteImport(node, node.source, node.specifiers.map(({ local }) => nameOf(local)));
    },
    ImportExpression: (node) => noteImport(node, node.source, []),
    CallExpression(node) {
      const { callee, arguments: given } = node;
      if (callee.type !== "Identifier" || callee.name !== "require" || given.length !== 1) return;
      noteImport(node, given[0] ?? null, []);
    },
  };
}

function importedName(node: Node): string {
  if (node.type === "ImportNamespaceSpecifier") return "*";
  return node.type === "ImportSpecifier" ? nameOf(node.imported) : "default";
}

function nameOf(node: Node): string {
  return node.type === "Identifier" ? node.name : node.type === "Literal" ? `${node.value}` : "?";
}

function noteFunction(node: Node, text: string, { lines, note }: Notes): void {
  if (!("body" in node) || node.body === null || node.body === undefined) return;
  if (!("parent" in node)) return;
  const method = node.parent;
  const isAsync = "async" in node && node.async ? " async" : "";
  const isMethod = method.type === "MethodDefinition" ||
    (method.type === "Property" && (method.method || method.kind !== "init"));
  if (isMethod) {
    note("functions", method, `${keyOf(method, text)} ${lines(startOf(method))}${isAsync}`);
    return;
  }
  const name = ownName(node) ?? givenName(node, text);
  if (name === null) return;
  const start = name.at ?? node.range[0];
  note("functions", { range: [start, start] }, `${name.name} ${lines(start)}${isAsync}`);
}

function noteClass(node: Node, text: string, { lines, note }: Notes): void {
  if (node.type !== "ClassDeclaration" && node.type !== "ClassExpression") return;
  const name = ownName(node) ?? givenName(node, text);
  if (name === null) return;
  const at = name.at ?? startOf(node);
  const methods = node.body.body.flatMap((member) => {
    const isField = member.type === "PropertyDefinition" &&
      /^(ArrowFunction|Function)Expression$/.test(member.value?.type ?? "") &&
      ownName(member.value as Node) === null;
    const isMethod = /^(TSAbstract)?MethodDefinition$/.test(member.type);
    return "key" in member && (isField || isMethod) ? [keyOf(member, text)] : [];
  });
  note("classes", node, `${name.name} ${lines(at)}: ${[...new Set(methods)].join()}`);
}

interface Name {
  readonly name: string;
  /** Where its definition begins, if not with the node. */
  readonly at?: number;
}

function ownName(node: Node): Name | null {
  return "id" in node && node.id?.type === "Identifier" ? { name: node.id.name } : null;
}

function givenName(node: Node, text: string): Name | null {
  if (!("parent" in node)) return null;
  const { parent } = node;
  const spelt = (target: Node): Name => ({
    name: text.slice(...target.range),
    at: target.range[0],
  });
  switch (parent.type) {
    case "VariableDeclarator":
      return parent.id.type === "Identifier"
        ? { name: parent.id.name, at: parent.id.range[0] }
        : null;
    case "AssignmentExpression":
      return /^(=|&&=|\|\|=|\?\?=)$/.test(parent.operator) &&
          /^[\p{ID_Start}$_][\p{ID_Continue}$.#]*$/u.test(text.slice(...parent.left.range))
        ? spelt(parent.left)
        : null;
    case "AssignmentPattern":
      return parent.left.type === "Identifier"
        ? { name: parent.left.name, at: parent.left.range[0] }
        : null;
    case "Property":
      return { name: keyOf(parent, text), at: parent.range[0] };
    case "PropertyDefinition":
      return { name: keyOf(parent, text), at: startOf(parent) };
    case "ExportDefaultDeclaration":
      return { name: "default" };
    default:
      return null;
  }
}

/** As it is written, with the brackets of a computed one. */
function keyOf({ key }: { readonly key: { range: Deno.lint.Range } }, text: string): string {
  const [from, to] = key.range;
  const written = text.slice(from, to);
  return /\[\s*$/.test(text.slice(0, from)) ? `[${written}]` : written;
}

/** Where a node begins, its decorators left out. */
function startOf(node: Node): number {
  const decorators = ("decorators" in node ? node.decorators : null) ?? [];
  return decorators.length > 0 && "key" in node ? node.key.range[0] : node.range[0];
}
