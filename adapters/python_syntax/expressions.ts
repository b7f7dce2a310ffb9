import { NO_PARTS, NONE, type PythonNode } from "../../domain/policy/python_tree.ts";
import {
  expression,
  firstOf,
  inside,
  isToken,
  item,
  make,
  nodesOf,
  orNone,
  type Piece,
  split,
  type Whole,
} from "./pieces.ts";
import { decoded, quotingOf } from "./string_literal.ts";

/** Makes a plain node of one of the parser's. */
export type Builder = (whole: Whole) => PythonNode;

/** What of the parser's tree is an expression or a part of one. */
export const EXPRESSIONS: Readonly<Record<string, Builder>> = {
  VariableName: (whole) => make("name", whole, { name: identifier(whole) }),
  PropertyName: (whole) => make("word", whole, { name: identifier(whole) }),
  Number: (whole) => make("number", whole, { value: numberOf(sourceOf(whole)) }),
  String: (whole) => make("text", whole, { value: stringOf(whole) }),
  ContinuedString: (whole) => make("format", whole, { parts: nodesOf(whole.pieces) }),
  FormatString: formatString,
  FormatReplacement: formatReplacement,
  Escape: (whole) => make("token", whole, { name: "Escape" }),
  FormatSpec: (whole) => make("group", whole, { parts: nodesOf(whole.pieces) }),
  FormatConversion: (whole) => make("group", whole),
  FormatSelfDoc: (whole) => make("group", whole),
  MemberExpression: member,
  CallExpression: ({ pieces, ...place }) => {
    const [callee, list] = pieces;
    return make("call", place, { parts: [orNone(callee), ...(list?.parts ?? NO_PARTS)] });
  },
  ArgList: (whole) => {
    const args = split(inside(whole.pieces), ",").filter(({ length }) => length > 0);
    return make("group", whole, { parts: args.map(argument) });
  },
  BinaryExpression: binary,
  UnaryExpression: unary,
  ParenthesizedExpression: ({ pieces }) => item(inside(pieces)),
  WithTarget: (whole) => {
    return make("bind", whole, { name: "with", parts: [orNone(whole.pieces[1]), NONE] });
  },
  TupleExpression: sequence,
  ArrayExpression: sequence,
  SetExpression: sequence,
  ComprehensionExpression: (whole) => comprehension(inside(whole.pieces), whole),
  ArrayComprehensionExpression: (whole) => comprehension(inside(whole.pieces), whole),
  SetComprehensionExpression: (whole) => comprehension(inside(whole.pieces), whole),
  DictionaryComprehensionExpression: (whole) => comprehension(inside(whole.pieces), whole),
  ConditionalExpression: (whole) => {
    const [option, test, other] = nodesOf(whole.pieces);
    const tests = make("group", whole, { parts: [orNone(test)] });
    return make("choice", whole, { parts: [tests, orNone(option), orNone(other)] });
  },
  NamedExpression: (whole) => {
    const [target, value] = nodesOf(whole.pieces);
    return make("named", whole, { parts: [orNone(target), orNone(value)] });
  },
  LambdaExpression: (whole) => {
    const parts = nodesOf(whole.pieces);
    const params = parts.find(({ kind }) => kind === "params");
    return make("lambda", whole, { parts: [orNone(params), orNone(parts.at(-1))] });
  },
  ParamList: (whole) => {
    const list = isToken(whole.pieces[0], "(") ? inside(whole.pieces) : whole.pieces;
    const parts = split(list, ",").flatMap(param);
    return make("params", whole, { parts });
  },
  None: constant,
  Boolean: constant,
  Ellipsis: (whole) => make("group", whole, { name: "Ellipsis" }),
  TypeDef: (whole) => make("keyword", whole, { name: ":", parts: nodesOf(whole.pieces) }),
};

function constant(whole: Whole): PythonNode {
  return make("group", whole);
}

/** A name as Python compares it. */
export function identifier(whole: Whole): string {
  const written = sourceOf(whole);
  return /^\p{ASCII}*$/u.test(written) ? written : written.normalize("NFKC");
}

function sourceOf({ text, at, end }: Whole): string {
  return text.slice(at, end);
}

function numberOf(written: string): number | null {
  const digits = written.replaceAll("_", "");
  return /^(\d{1,9}|0[xX][\da-fA-F]{1,8}|0[oO][0-7]{1,10}|0[bB][01]{1,31})$/.test(digits)
    ? Number(digits)
    : null;
}

function stringOf({ text, at, end }: Whole): string | null {
  const { opening, closing, raw } = quotingOf(text, at);
  // Two quotes alone are the empty string.
  if (end - at < opening + closing) return "";
  return decoded(text.slice(at + opening, end - closing), raw);
}

function formatString(whole: Whole): PythonNode {
  const { text, at, end } = whole;
  const { opening, closing, raw } = quotingOf(text, at);
  if (end - at < opening + closing) return make("text", whole, { value: "" });
  const parts: PythonNode[] = [];
  let from = at + opening;
  const literal = (to: number) => {
    if (to <= from) return;
    const written = text.slice(from, to).replaceAll("{{", "{").replaceAll("}}", "}");
    parts.push(make("text", { at: from, end: to }, { value: decoded(written, raw) }));
  };
  for (const field of nodesOf(whole.pieces)) {
    literal(field.at);
    parts.push(...field.parts);
    from = field.end;
  }
  literal(end - closing);
  return make("format", whole, { parts });
}

function formatReplacement(whole: Whole): PythonNode {
  const within = inside(whole.pieces);
  const parts = nodesOf(within);
  // With a conversion or a format the text is another one.
  const field = parts.length === 1 ? expression(within) : make("group", whole, { parts });
  return make("group", whole, { parts: [field] });
}

function member(whole: Whole): PythonNode {
  const [object = NONE, mark, ...rest] = whole.pieces;
  if (isToken(mark, ".")) {
    const [word = NONE] = rest;
    return make("attribute", word, { name: word.name, parts: [object] });
  }
  const keys = split(rest.slice(0, -1), ",").filter(({ length }) => length > 0).map(key);
  return make("subscript", whole, { parts: [object, ...keys] });
}

function key(pieces: readonly Piece[]): PythonNode {
  if (!pieces.some((piece) => isToken(piece, ":"))) return item(pieces);
  const bounds = split(pieces, ":").map((bound) => item(bound));
  return make("slice", orNone(pieces[0]), { parts: bounds });
}

function argument(pieces: readonly Piece[]): PythonNode {
  const [first = NONE, mark, ...rest] = pieces;
  if (pieces.some((piece) => isToken(piece, "for"))) return comprehension(pieces, first);
  if (isToken(mark, "=")) {
    return make("keyword", first, { name: first.name, parts: [orNone(rest[0])] });
  }
  if (isToken(mark, ":=")) return make("named", first, { parts: [first, orNone(rest[0])] });
  if (isToken(first, "*") || isToken(first, "**")) {
    return make("spread", first, { name: first.name, parts: [orNone(mark)] });
  }
  return first;
}

function binary(whole: Whole): PythonNode {
  const [left = NONE, mark, right] = whole.pieces;
  const parts = nodesOf(whole.pieces);
  const operator = mark?.name ?? "";
  if (operator === "or" || operator === "and") {
    return make("choice", whole, { parts: [NONE, left, orNone(right)] });
  }
  if (parts.length !== 2 || !"+%*/|".includes(operator)) return make("group", whole, { parts });
  return make("binary", whole, { name: operator, parts });
}

function unary(whole: Whole): PythonNode {
  const [value = NONE] = nodesOf(whole.pieces);
  const isNegative = isToken(whole.pieces[0], "-") && typeof value.value === "number";
  if (isNegative && value.kind === "number") {
    return make("number", whole, { value: -Number(value.value) });
  }
  return make("group", whole, { parts: [value] });
}

/** Its pieces are whole items, see `LISTS`. */
function sequence(whole: Whole): PythonNode {
  return make("sequence", whole, { parts: inside(whole.pieces) });
}

/** `element for target in iterable if condition …`, without its brackets. */
function comprehension(
  pieces: readonly Piece[],
  place: { readonly at: number; readonly end: number },
): PythonNode {
  const [head = [], ...tails] = split(pieces, "for");
  const element = make("group", place, { parts: nodesOf(head) });
  const clauses = tails.map((tail) => {
    const bar = firstOf(tail, "in");
    const [source = [], ...conditions] = split(tail.slice(bar + 1), "if");
    const conditioned = make("group", place, { parts: nodesOf(conditions.flat()) });
    const iterable = item(source.filter((piece) => !isToken(piece, "async")));
    return make("clause", place, {
      parts: [expression(tail.slice(0, bar)), iterable, conditioned],
    });
  });
  return make("comprehension", place, { parts: [element, ...clauses] });
}

/** `name: annotation = default`; a bare `*` or `/` is none. */
function param(pieces: readonly Piece[]): PythonNode[] {
  const at = pieces.findIndex(({ kind }) => kind === "name");
  const name = pieces[at];
  if (name === undefined) return [];
  const rest = pieces.slice(at + 1);
  const annotation = rest.find(({ kind, name }) => kind === "keyword" && name === ":");
  const assigned = firstOf(rest, "=");
  // What `*args: int` and `**keys: int` are annotated with, they are not.
  const starred = at > 0;
  const parts = [
    starred
      ? make("group", name, { parts: annotation?.parts ?? NO_PARTS })
      : orNone(annotation?.parts[0]),
    orNone(rest[assigned + 1]),
  ];
  return [make("param", name, { name: name.name, parts })];
}
