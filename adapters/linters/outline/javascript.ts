import type { LintLanguage, Outline } from "../../../domain/lint/report.ts";
import { Gathering, unexpected } from "./gathering.ts";
import { parser } from "./grammar/tables.ts";
import { enterDefinition } from "./javascript_definitions.ts";
import { callImport, exportFrom, importDeclaration } from "./javascript_imports.ts";
import type { Visit } from "./javascript_visit.ts";
import { type Frame, parse, type Parsed, walk } from "./tree_walk.ts";

const JAVASCRIPT = parser.configure({ dialect: "jsx" });
const TYPESCRIPT = parser.configure({ dialect: "ts" });
const TSX = parser.configure({ dialect: "ts jsx" });

/** Keywords and nodes that choose between two ways on; `default` takes what is left. */
const DECISIONS = new Set(["if", "for", "while", "case", "catch", "ConditionalExpression"]);
/** Operators that leave their right side out. */
const SHORT_CIRCUITS = new Set(["&&", "||", "??", "&&=", "||=", "??="]);

/** The outline of a text whose lines end with "\n". */
export function javascriptOutline(
  language: Extract<LintLanguage, "javascript" | "typescript">,
  text: string,
): Outline {
  const { tree, faultAt } = read(language, text);
  const gathering = new Gathering(text);
  walk(tree, {
    enter: (node, parent, around) => enter(node, parent, { text, gathering, around }),
    leave: (end) => gathering.leave(end),
  });
  return gathering.outline(
    faultAt === null ? null : { at: faultAt, message: unexpected(text, faultAt) },
  );
}

/** TypeScript with JSX is what only it can read: `<T>x` is something else there. */
function read(language: LintLanguage, text: string): Parsed {
  if (language === "javascript") return parse(JAVASCRIPT, text);
  const parsed = parse(TYPESCRIPT, text);
  if (parsed.faultAt === null || !/<\/|\/>/.test(text)) return parsed;
  const withJsx = parse(TSX, text);
  return withJsx.faultAt === null ? withJsx : parsed;
}

function enter(node: Frame, parent: Frame | undefined, visit: Visit): boolean {
  const { text, gathering } = visit;
  if (DECISIONS.has(node.type)) gathering.decide();
  switch (node.type) {
    case "LogicOp":
    case "UpdateOp":
      if (isShortCircuit(node, text)) gathering.decide();
      break;
    case "ParenthesizedExpression":
      // What is in it alone is named as it would be without.
      if (parent?.isAssigned && parent.type !== "PropertyDeclaration") {
        assign(node, parent.target);
      }
      break;
    case "ImportDeclaration":
      importDeclaration(node, visit);
      break;
    case "ExportDeclaration":
      exportFrom(node, visit);
      break;
    case "DynamicImport":
    case "ImportType":
    case "CallExpression":
      callImport(node, visit);
      break;
  }
  enterDefinition(node, parent, visit);
  if (parent !== undefined) noteTarget(node, parent, text);
  return true;
}

/** `a < b && c > (d)` is read as a call with arguments of types, whose operators are `&` and `&`. */
function isShortCircuit({ from, to }: Frame, text: string): boolean {
  const operator = text.slice(from, to);
  return SHORT_CIRCUITS.has(operator) || SHORT_CIRCUITS.has(text[from - 1] + operator);
}

/** Remembers what a function that comes next would be named after. */
function noteTarget(node: Frame, parent: Frame, text: string): void {
  if (node.type !== "Decorator") parent.start ??= node.from;
  switch (node.type) {
    case "VariableDefinition":
    case "VariableName":
    case "MemberExpression":
    case "PropertyDefinition":
    case "PrivatePropertyDefinition":
    case "PropertyName":
    case "Number":
    case "String":
      if (!parent.isAssigned && parent.target?.type !== "[") parent.target = node;
      break;
    case "[":
      // A computed name: the brackets are part of it.
      if (parent.type === "PropertyDeclaration" || parent.type === "Property") parent.target = node;
      break;
    case "]":
      if (parent.target?.type === "[") {
        parent.target = { ...parent.target, type: "ComputedName", to: node.to };
      }
      break;
    case "default":
      if (parent.type === "ExportDeclaration") assign(parent, node);
      break;
    case "Equals":
      assign(parent, parent.target);
      break;
    case "UpdateOp":
      if (SHORT_CIRCUITS.has(text.slice(node.from, node.to))) assign(parent, parent.target);
      break;
    case ":":
      if (parent.type === "Property") assign(parent, parent.target);
      break;
    case ",":
      parent.target = null;
      parent.isAssigned = false;
      break;
  }
}

function assign(parent: Frame, target: Frame["target"]): void {
  parent.target = target;
  parent.isAssigned = true;
}
