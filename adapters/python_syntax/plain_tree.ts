import type { Tree, TreeCursor } from "@lezer/common";
import type { PythonNode } from "../../domain/policy/python_tree.ts";
import { type Builder, EXPRESSIONS } from "./expressions.ts";
import { make, nodesOf, type Piece } from "./pieces.ts";
import { STATEMENTS } from "./statements.ts";

/** More nodes than this are not held in memory for one program: that is some 500 KiB of code. */
const MAX_NODES = 400_000;
const NODES_A_SLICE = 4000;

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
}

/** The parser's tree as a plain one. Yields now and then, so that others may have their turn. */
export function* plainTree(tree: Tree, text: string): Generator<void, Conversion> {
  const cursor = tree.cursor();
  const stack: Frame[] = [];
  for (let count = 1; count <= MAX_NODES; count += 1) {
    if (cursor.type.isError) return { kind: "unreadable", because: "syntax", at: cursor.from };
    if (count % NODES_A_SLICE === 0) yield;
    const frame = { type: cursor.name, at: cursor.from, end: cursor.to, pieces: [] };
    if (cursor.firstChild()) {
      stack.push(frame);
      continue;
    }
    const root = climb(cursor, frame, stack, text);
    if (root !== null) return { kind: "read", root };
  }
  return { kind: "unreadable", because: "size", at: cursor.from };
}

/** Builds what is complete, and goes on to what comes next; the root when nothing does. */
function climb(cursor: TreeCursor, leaf: Frame, stack: Frame[], text: string): PythonNode | null {
  // A comment may stand anywhere and would be in the way of what is told by its place.
  let built = leaf.type === "Comment" ? null : build(leaf, text);
  for (;;) {
    const parent = stack.at(-1);
    if (parent === undefined) return built;
    if (built !== null) parent.pieces.push(built);
    if (cursor.nextSibling()) return null;
    cursor.parent();
    stack.pop();
    built = build(parent, text);
  }
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
