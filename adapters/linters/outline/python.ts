import type { Outline } from "../../../domain/lint/report.ts";
import { parser } from "../../python_syntax/grammar/tables.ts";
import { Gathering, unexpected } from "./gathering.ts";
import { type Around, type Frame, parse, type Span, walk } from "./tree_walk.ts";

/** Keywords that choose between two ways on. A loop's `else` is not another choice than the loop's. */
const DECISIONS = new Set(["if", "elif", "for", "while", "except", "and", "or"]);

/** The outline of a Python text whose lines end with "\n". */
export function pythonOutline(text: string): Outline {
  const { tree, faultAt } = parse(parser, text);
  const gathering = new Gathering(text);
  walk(tree, {
    enter: (node, parent, around) => enter(node, parent, { text, gathering, around }),
    leave: (end) => gathering.leave(end),
  });
  return gathering.outline(
    faultAt === null ? null : { at: faultAt, message: unexpected(text, faultAt) },
  );
}

interface Visit {
  readonly text: string;
  readonly gathering: Gathering;
  readonly around: Around;
}

function enter(node: Frame, parent: Frame | undefined, visit: Visit): boolean {
  const { gathering, around } = visit;
  if (DECISIONS.has(node.type)) gathering.decide();
  switch (node.type) {
    case "ImportStatement":
      imports(node, visit);
      return false;
    case "FunctionDefinition":
    case "ClassDefinition":
      define(node, visit);
      return true;
    case "LambdaExpression":
      enterLambda(node, parent, visit);
      return true;
    case "MatchClause":
      if (isRefutable(around.children(), visit.text)) gathering.decide();
      return true;
    case "ParenthesizedExpression":
      if (isValue(parent, visit)) {
        node.target = parent?.target ?? null;
        node.isAssigned = true;
      }
      if (parent?.type === "AssignStatement") noteTarget(node, parent);
      return true;
    case "AssignOp":
      if (parent !== undefined) parent.isAssigned = true;
      return true;
    case "TypeDef":
      return true;
    default:
      if (parent?.type === "AssignStatement") noteTarget(node, parent);
      return true;
  }
}

/** A lone name is what is assigned to, until something else stands there. */
function noteTarget(node: Frame, parent: Frame): void {
  const isFirst = parent.target === null || parent.isAssigned;
  parent.target = isFirst && node.type === "VariableName" ? node : NOTHING;
  parent.isAssigned = false;
}

const NOTHING: Span = { type: "", from: 0, to: 0 };

function define(node: Frame, { text, gathering, around }: Visit): void {
  const own = around.children();
  const name = own.find(({ type }) => type === "VariableName");
  if (name === undefined) return;
  node.opens = true;
  const definition = { name: text.slice(name.from, name.to), at: node.from };
  if (node.type === "ClassDefinition") return gathering.enterClass(definition);
  gathering.enterFunction({
    ...definition,
    async: own[0]?.type === "async",
    isMethod: gathering.isInClass,
  });
}

function enterLambda(node: Frame, parent: Frame | undefined, visit: Visit): void {
  const { text, gathering } = visit;
  node.opens = true;
  const target = isValue(parent, visit) ? parent?.target : null;
  if (target?.type !== "VariableName") return gathering.enterNameless();
  gathering.enterFunction({
    name: text.slice(target.from, target.to),
    at: target.from,
    async: false,
    isMethod: gathering.isInClass,
  });
}

/** Whether it is what a name is given, in parentheses or without. */
function isValue(parent: Frame | undefined, { around }: Visit): boolean {
  if (parent === undefined || !parent.isAssigned) return false;
  return parent.type === "ParenthesizedExpression" ||
    parent.type === "AssignStatement" && around.isLast();
}

/** A lone name in parentheses, which the grammar takes for a sequence. */
const NAME_IN_PARENTHESES =
  /^(?:\(\s*)+(?!(?:None|True|False)\b)[\p{L}_][\p{L}\p{M}\p{N}_]*(?:\s*\))+$/u;
const PYTHON_COMMENTS = /#[^\n]*/g;

/** Whether a case may be passed over by what it looks at: a lone name takes everything. */
function isRefutable(children: readonly Span[], text: string): boolean {
  const patterns = children.filter(({ type }) => {
    return type !== "case" && type !== "Guard" && type !== "Body";
  });
  const [pattern] = patterns;
  if (patterns.length !== 1 || pattern === undefined) return true;
  if (pattern.type !== "SequencePattern") return pattern.type !== "CapturePattern";
  const written = text.slice(pattern.from, pattern.to).replace(PYTHON_COMMENTS, "");
  return !NAME_IN_PARENTHESES.test(written);
}

function imports(node: Frame, { text, gathering, around }: Visit): void {
  const tokens = around.children();
  const written = (span: Span) => text.slice(span.from, span.to);
  const split = tokens.findIndex(({ type }) => type === "import");
  const listed = itemsOf(tokens.slice(split + 1));
  if (tokens[0]?.type === "import") {
    for (const item of listed) gathering.import(item.map(written).join(""), [], node.from);
    return;
  }
  const module = tokens.slice(1, split).map(written).join("");
  gathering.import(module, listed.map((item) => item.map(written).join("")), node.from);
}

/** What stands between commas, without what it is called here. */
function itemsOf(tokens: readonly Span[]): Span[][] {
  const items: Span[][] = [[]];
  let isRenamed = false;
  for (const token of tokens) {
    if (token.type === ",") items.push([]);
    if (token.type === "as" || token.type === ",") isRenamed = token.type === "as";
    else if (!isRenamed && token.type !== "(" && token.type !== ")" && token.type !== "⚠") {
      items.at(-1)?.push(token);
    }
  }
  return items.filter(({ length }) => length > 0);
}
