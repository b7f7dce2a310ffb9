/** What the rules want to know of one TypeScript file, read from its syntax tree. */
export interface SourceFacts {
  /** Every module named: static, type, dynamic, re-export, `import()` type, `import = require`. */
  readonly imports: readonly ImportFact[];
  /** Every name used as a value, the file's own among them. */
  readonly uses: readonly UseFact[];
  readonly functions: readonly FunctionFact[];
  /** Lines with an `any` type. */
  readonly anyTypes: readonly number[];
  /** Lines with a `/// <reference>`, which imports past every rule. */
  readonly references: readonly number[];
  /** The static text of each test's and step's name. */
  readonly testNames: readonly string[];
}

/** One module named in a file; `null` when the name is computed. */
export interface ImportFact {
  readonly specifier: string | null;
  readonly line: number;
}

/** One use of a name: `Deno.env` has the member `env`, `new Date(0)` one argument. */
export interface UseFact {
  readonly name: string;
  /** The property read from it by its name; `null` when there is none or it is computed. */
  readonly member: string | null;
  /** How many arguments `new` gives it; `null` without `new`. */
  readonly constructedWith: number | null;
  readonly line: number;
}

/** One function and its length, signature and braces included. */
export interface FunctionFact {
  readonly lines: number;
  readonly line: number;
}

type Node = Deno.lint.Node;
type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/** Reads one file with the parser of `deno lint`, which `deno test` offers to its tests. */
export function readSource(path: string, text: string): SourceFacts {
  const facts: Mutable<SourceFacts> = {
    imports: [],
    uses: [],
    functions: [],
    anyTypes: [],
    references: [],
    testNames: [],
  };
  Deno.lint.runPlugin(
    {
      name: "facts",
      rules: { all: { create: (context) => visitorOf(facts, text, context.sourceCode) } },
    },
    path,
    text,
  );
  return facts;
}

function visitorOf(
  facts: Mutable<SourceFacts>,
  text: string,
  source: Deno.lint.SourceCode,
): Deno.lint.LintVisitor {
  const line = (node: { range: Deno.lint.Range }) => lineAt(text, node.range[0]);
  const imported = (node: Node, from: Node | null) => {
    facts.imports.push({ specifier: from === null ? null : textOf(from), line: line(node) });
  };
  const measured = (node: Node) => {
    facts.functions.push({ lines: source.getText(node).split("\n").length, line: line(node) });
  };
  return {
    Program() {
      for (const comment of source.getAllComments()) {
        if (/^\/\s*<reference\b/.test(comment.value)) facts.references.push(line(comment));
      }
    },
    ImportDeclaration: (node) => imported(node, node.source),
    ExportAllDeclaration: (node) => imported(node, node.source),
    ExportNamedDeclaration(node) {
      if (node.source !== null) imported(node, node.source);
    },
    ImportExpression: (node) => imported(node, node.source),
    TSImportType: (node) => imported(node, node.argument),
    TSExternalModuleReference: (node) => imported(node, node.expression),
    FunctionDeclaration: measured,
    FunctionExpression: measured,
    ArrowFunctionExpression: measured,
    TSAnyKeyword: (node) => {
      facts.anyTypes.push(line(node));
    },
    Identifier(node) {
      if (isReference(node)) facts.uses.push({ ...useOf(node), line: line(node) });
    },
    CallExpression(node) {
      if (isTestCall(node)) facts.testNames.push(...testNames(node.arguments[0]));
    },
  };
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

function same(left: Node | null | undefined, right: Node): boolean {
  return left !== null && left !== undefined && left.range[0] === right.range[0] &&
    left.range[1] === right.range[1];
}

/** Whether the name stands for a value, not for a property, a type or an import's own name. */
function isReference(node: Deno.lint.Identifier): boolean {
  const { parent } = node;
  switch (parent.type) {
    case "MemberExpression":
      return parent.computed || !same(parent.property, node);
    case "Property":
      return parent.computed || parent.shorthand || !same(parent.key, node);
    case "PropertyDefinition":
    case "MethodDefinition":
    case "TSPropertySignature":
    case "TSMethodSignature":
      return parent.computed || !same(parent.key, node);
    default:
      return !/^(TSTypeReference|TSQualifiedName|TSTypeQuery|TSImportType|TSInterface|TSClassImpl|TSTypeParameter|TSTypeAliasDeclaration|ImportSpecifier|ExportSpecifier)/
        .test(parent.type);
  }
}

function useOf(node: Deno.lint.Identifier): Omit<UseFact, "line"> {
  const { name, parent } = node;
  const member = parent.type === "MemberExpression" && !parent.computed &&
      parent.property.type === "Identifier"
    ? parent.property.name
    : null;
  const constructedWith = parent.type === "NewExpression" && same(parent.callee, node)
    ? parent.arguments.length
    : null;
  return { name, member, constructedWith };
}

/** The text of a string or of a template's static parts; `null` for anything else. */
function textOf(node: Node): string | null {
  if (node.type === "Literal") return typeof node.value === "string" ? node.value : null;
  if (node.type === "TSLiteralType") return textOf(node.literal);
  if (node.type === "TemplateLiteral" && node.expressions.length === 0) return joined(node);
  return null;
}

function joined(template: Deno.lint.TemplateLiteral): string {
  return template.quasis.map((part) => part.cooked).join("…");
}

/** `Deno.test(…)`, `Deno.test.only(…)` and `context.step(…)`. */
function isTestCall({ callee }: Deno.lint.CallExpression): boolean {
  if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier") return false;
  return callee.property.name === "test" || callee.property.name === "step";
}

function testNames(first: Node | undefined): string[] {
  if (first === undefined) return [];
  if (first.type === "TemplateLiteral") return [joined(first)];
  if (first.type === "BinaryExpression") {
    return [[...testNames(first.left), ...testNames(first.right)].join("")];
  }
  if (first.type === "ObjectExpression") return first.properties.flatMap(nameProperty);
  const text = textOf(first);
  return text === null ? [] : [text];
}

function nameProperty(property: Node): string[] {
  const isName = property.type === "Property" && property.key.type === "Identifier" &&
    property.key.name === "name";
  return isName ? testNames(property.value) : [];
}
