import { NO_PARTS, NONE, type PythonNode } from "../../domain/policy/python_tree.ts";
import type { Builder } from "./expressions.ts";
import {
  expression,
  firstOf,
  isToken,
  items,
  make,
  nodesOf,
  orNone,
  type Piece,
  split,
  type Whole,
} from "./pieces.ts";

/** What of the parser's tree is a statement or a part of one. */
export const STATEMENTS: Readonly<Record<string, Builder>> = {
  Script: (whole) => make("module", whole, { parts: nodesOf(whole.pieces) }),
  Body: (whole) => make("block", whole, { parts: nodesOf(whole.pieces) }),
  AssignStatement: assign,
  UpdateStatement: (whole) => {
    const mark = whole.pieces.findIndex(({ kind }) => kind === "token");
    const target = expression(whole.pieces.slice(0, mark));
    return make("augment", whole, { parts: [target, expression(whole.pieces.slice(mark + 1))] });
  },
  DeleteStatement: (whole) => make("delete", whole, { parts: items(whole.pieces.slice(1)) }),
  ImportStatement: imports,
  ScopeStatement: (whole) => {
    const name = whole.pieces[0]?.name ?? "";
    return make("scope", whole, { name, parts: nodesOf(whole.pieces) });
  },
  TypeDefinition: (whole) => {
    const [name = NONE, ...rest] = nodesOf(whole.pieces);
    const bound = make("bind", whole, { name: "type", parts: [name, NONE] });
    return make("group", whole, { parts: [bound, ...rest] });
  },
  TypeParam: (whole) => {
    return make("group", whole, {
      parts: nodesOf(whole.pieces).filter(({ kind }) => kind !== "name"),
    });
  },
  ForStatement: forStatement,
  WithStatement: withStatement,
  TryStatement: tryStatement,
  FunctionDefinition: (whole) => definition(whole, "function"),
  ClassDefinition: (whole) => definition(whole, "class"),
  DecoratedStatement: (whole) => {
    const pieces = nodesOf(whole.pieces);
    const [defined = NONE, ...decorators] = pieces.toReversed();
    const all = make("group", whole, { parts: decorators.toReversed() });
    return { ...defined, parts: [all, ...defined.parts.slice(1)] };
  },
  Decorator: ({ pieces }) => orNone(pieces[1]),
  MatchStatement: (whole) => {
    const at = whole.pieces.findIndex(({ kind, name }) => kind === "group" && name === "match");
    const subject = expression(whole.pieces.slice(1, at));
    return make("group", whole, { parts: [subject, orNone(whole.pieces[at])] });
  },
  MatchBody: (whole) => make("group", whole, { name: "match", parts: nodesOf(whole.pieces) }),
  MatchClause: (whole) => make("block", whole, { parts: nodesOf(whole.pieces) }),
  CapturePattern: captured,
  AsPattern: captured,
  AttributePattern: (whole) => {
    const [first = NONE, ...words] = nodesOf(whole.pieces);
    return words.reduce(
      (object, word) => make("attribute", word, { name: word.name, parts: [object] }),
      first,
    );
  },
  KeywordPattern: (whole) => {
    const [name = NONE, pattern] = nodesOf(whole.pieces);
    return make("member_pattern", name, { name: name.name, parts: [orNone(pattern)] });
  },
};

function captured(whole: Whole): PythonNode {
  const parts = nodesOf(whole.pieces);
  const name = orNone(parts.at(-1));
  const bound = make("bind", whole, { name: "case", parts: [name, NONE] });
  return make("group", whole, { parts: [...parts.slice(0, -1), bound] });
}

function assign(whole: Whole): PythonNode {
  const segments = split(whole.pieces, "=");
  const annotation = whole.pieces.find(({ kind, name }) => kind === "keyword" && name === ":");
  const plain = segments.map((segment) => segment.filter((piece) => piece !== annotation));
  const value = segments.length > 1 ? expression(plain.pop() ?? []) : NONE;
  const targets = plain.map(expression);
  return make("assign", whole, { parts: [value, orNone(annotation?.parts[0]), ...targets] });
}

function imports(whole: Whole): PythonNode {
  const { pieces } = whole;
  if (isToken(pieces[0], "import")) {
    return make("import", whole, { parts: split(pieces.slice(1), ",").flatMap(imported) });
  }
  const at = firstOf(pieces, "import");
  const module = pieces.slice(1, at);
  const dots = module.findIndex(({ kind }) => kind === "name");
  const leading = dots === -1 ? module : module.slice(0, dots);
  const level = leading.reduce((sum, { name }) => sum + (name === "Ellipsis" ? 3 : 1), 0);
  const listed = pieces.slice(at + 1).filter((piece) => {
    return !isToken(piece, "(") && !isToken(piece, ")");
  });
  const path = module.filter(({ kind }) => kind === "name");
  const names = split(listed, ",").flatMap(imported);
  return make("from", path[0] ?? whole, { name: dotted(path), value: level, parts: names });
}

function dotted(names: readonly Piece[]): string {
  return names.map(({ name }) => name).join(".");
}

function imported(pieces: readonly Piece[]): PythonNode[] {
  const [first] = pieces;
  if (first === undefined) return [];
  const as = firstOf(pieces, "as");
  const path = nodesOf(pieces.slice(0, as));
  const name = isToken(first, "*") ? "*" : dotted(path);
  const value = pieces[as + 1]?.name ?? null;
  const end = pieces.at(-1)?.end ?? first.end;
  return [make("imported", { at: first.at, end }, { name, value })];
}

function forStatement(whole: Whole): PythonNode {
  const { pieces } = whole;
  const bar = firstOf(pieces, "in");
  const body = pieces.findIndex(({ kind }) => kind === "block");
  const target = expression(pieces.slice(firstOf(pieces, "for") + 1, bar));
  const iterable = expression(pieces.slice(bar + 1, body));
  const parts = [target, iterable, orNone(pieces[body]), orNone(pieces[body + 2])];
  return make("for", whole, { parts });
}

/** What is behind `with` is gone through for certain: its body is no block. */
function withStatement(whole: Whole): PythonNode {
  const { pieces } = whole;
  const body = orNone(pieces.at(-1));
  const heads = split(pieces.slice(firstOf(pieces, "with") + 1, -1), ",");
  const parts = heads.filter(({ length }) => length > 0).map((head) => {
    const [value = NONE, as, target] = head;
    if (!isToken(as, "as")) return value;
    return make("bind", value, { name: "with", parts: [orNone(target), value] });
  });
  return make("group", whole, { parts: [...parts, ...body.parts] });
}

function tryStatement(whole: Whole): PythonNode {
  const parts: PythonNode[] = [];
  let handler: Piece[] = [];
  for (const piece of whole.pieces) {
    if (piece.kind !== "block") handler.push(piece);
    else {
      parts.push(isToken(handler[0], "except") ? except(handler, piece) : piece);
      handler = [];
    }
  }
  return make("group", whole, { parts });
}

function except(head: readonly Piece[], body: PythonNode): PythonNode {
  const as = firstOf(head, "as");
  const types = nodesOf(head.slice(0, as));
  const target = head[as + 1];
  const bound = target === undefined
    ? NO_PARTS
    : [make("bind", target, { name: "except", parts: [target, NONE] })];
  return { ...body, parts: [...types, ...bound, ...body.parts] };
}

function definition(whole: Whole, kind: "function" | "class"): PythonNode {
  const pieces = nodesOf(whole.pieces);
  const name = orNone(pieces.find((piece) => piece.kind === "name"));
  const body = orNone(pieces.at(-1));
  const params = pieces.find((piece) => piece.kind === "params");
  const others = pieces.filter((piece) => piece !== name && piece !== body && piece !== params);
  const rest = make("group", whole, { parts: others });
  const parts = kind === "class" ? [NONE, rest, body] : [NONE, params ?? NONE, rest, body];
  return make(kind, { at: whole.at, end: whole.end }, { name: name.name, parts });
}
