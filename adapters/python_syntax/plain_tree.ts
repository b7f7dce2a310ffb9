import type { Tree, TreeCursor } from "@lezer/common";
import type { PythonNode } from "../../domain/policy/python_tree.ts";
import type { Work } from "../../domain/policy/work.ts";
import { type Builder, EXPRESSIONS } from "./expressions.ts";
import { closeItem, isToken, make, nodesOf, type Piece } from "./pieces.ts";
import { STATEMENTS } from "./statements.ts";

/** Nodes of more pieces are too large, lists and blocks apart: what is made of them is made at once. */
const MAX_PIECES = 10_000;
/** Pieces that take no longer to go through than one node. */
const PIECES = 8;
/** Lists whose items are put together as they come, so that they may be long. */
const LISTS = new Set(["ArrayExpression", "SetExpression", "TupleExpression"]);
/** Nodes that are made without a look at each piece. */
const PLAIN = new Set([...LISTS, "Script", "Body", "MatchBody", "String"]);

const BUILDERS: ReadonlyMap<string, Builder> = new Map(
  Object.entries({ ...EXPRESSIONS, ...STATEMENTS }),
);
/** Nodes whose mark is what they say. */
const WRITTEN = /Op$/;

/** What came of the parser's tree. */
export type Conversion =
  | { readonly kind: "read"; readonly root: PythonNode }
  | { readonly kind: "unreadable"; readonly because: "syntax" | "size"; readonly at: number };

interface Frame {
  readonly type: string;
  readonly at: number;
  readonly end: number;
  readonly pieces: Piece[];
  /** Of a list: where the pieces of its last item begin. */
  itemFrom: number;
}

/** The parser's tree as a plain one. Yields where others should have their turn. */
export function* plainTree(tree: Tree, text: string, work: Work): Generator<void, Conversion> {
  const cursor = tree.cursor();
  const stack: Frame[] = [];
  while (!work.isOver) {
    work.spend(1);
    if (cursor.type.isError) return { kind: "unreadable", because: "syntax", at: cursor.from };
    if (work.isDue) yield;
    const frame = { type: cursor.name, at: cursor.from, end: cursor.to, pieces: [], itemFrom: 1 };
    if (cursor.firstChild()) {
      stack.push(frame);
      continue;
    }
    const root = climb(cursor, frame, stack, { text, work });
    if (root === "wide") break;
    if (root !== null) return { kind: "read", root };
  }
  return { kind: "unreadable", because: "size", at: cursor.from };
}

/**
 * Builds what is complete, and goes on to what comes next; the root when nothing does, `wide` when
 * there is too much of a node.
 */
function climb(
  cursor: TreeCursor,
  leaf: Frame,
  stack: Frame[],
  { text, work }: { readonly text: string; readonly work: Work },
): PythonNode | "wide" | null {
  let built = build(leaf, text);
  for (;;) {
    const parent = stack.at(-1);
    if (parent === undefined) return built;
    add(parent, built);
    if (cursor.nextSibling()) return null;
    cursor.parent();
    stack.pop();
    const { length } = parent.pieces;
    if (length > MAX_PIECES && BUILDERS.has(parent.type) && !PLAIN.has(parent.type)) return "wide";
    work.spend(length / PIECES);
    built = build(parent, text);
  }
}

function add(parent: Frame, piece: Piece): void {
  if (LISTS.has(parent.type) && parent.pieces.length > 0 && isBetweenItems(piece)) {
    closeItem(parent.pieces, parent.itemFrom);
    parent.itemFrom = parent.pieces.length;
    if (isToken(piece, ",")) return;
  }
  parent.pieces.push(piece);
}

function isBetweenItems({ kind, name }: Piece): boolean {
  return kind === "token" && [",", ")", "]", "}"].includes(name);
}

function build(frame: Frame, text: string): PythonNode {
  const { type, at, end, pieces } = frame;
  const whole = { pieces, at, end, text };
  const builder = BUILDERS.get(type);
  if (builder !== undefined) return builder(whole);
  if (pieces.length > 0) return make("group", whole, { parts: nodesOf(pieces) });
  const name = WRITTEN.test(type) ? text.slice(at, end) : type;
  return make("token", whole, { name });
}
