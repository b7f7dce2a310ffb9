import type { Tree, TreeCursor } from "@lezer/common";
import type { LRParser } from "@lezer/lr";

/** A piece of a text. */
export interface Span {
  readonly type: string;
  readonly from: number;
  readonly to: number;
}

/** A node that has children, while they are walked through. */
export interface Frame extends Span {
  /** Where its first child begins that is more than a decorator. */
  start: number | null;
  /** The last child that what comes may be named after. */
  target: Span | null;
  /** Whether that is assigned what comes now. */
  isAssigned: boolean;
  /** Whether it is a scope of its own. */
  opens: boolean;
}

/** What else can be asked of a node. */
export interface Around {
  children(): Span[];
  /** The children of its first child of a type; none where it has no such child. */
  childrenOfThe(type: string): Span[];
  /** Whether it is the last child of its parent. */
  isLast(): boolean;
}

/** What looks at each node. */
export interface Visitor {
  /** Before the children of a node; `false` leaves these out. */
  enter(node: Frame, parent: Frame | undefined, around: Around): boolean;
  /** Behind a node that opens a scope; `end` is where the last token before ends. */
  leave(end: number): void;
}

/** Nodes that end behind the last of their children. */
const CLOSED = new Set(["String", "FormatString", "TemplateString", "TemplateType"]);
const COMMENTS = new Set(["LineComment", "BlockComment"]);

/** Walks through a tree in the order of the text, without recursion. */
export function walk(tree: Tree, visitor: Visitor): void {
  const cursor = tree.cursor();
  const frames: Frame[] = [];
  const around = {
    children: () => childrenOf(cursor),
    childrenOfThe: (type: string) => childrenOf(cursor.node.getChild(type)?.cursor()),
    isLast: () => cursor.node.nextSibling === null,
  };
  let end = 0;
  for (;;) {
    // Very deep down the tree has records of the parser's in it, of no type and no length.
    if (cursor.to > cursor.from) {
      const frame = frameOf(cursor);
      const descend = visitor.enter(frame, frames.at(-1), around);
      if (descend && cursor.firstChild()) {
        frames.push(frame);
        continue;
      }
      if (!COMMENTS.has(frame.type)) end = frame.to;
      if (frame.opens) visitor.leave(end);
    }
    while (!cursor.nextSibling()) {
      const parent = frames.pop();
      if (parent === undefined) return;
      cursor.parent();
      if (CLOSED.has(parent.type)) end = parent.to;
      if (parent.opens) visitor.leave(end);
    }
  }
}

function frameOf({ name, from, to }: TreeCursor): Frame {
  return { type: name, from, to, start: null, target: null, isAssigned: false, opens: false };
}

function childrenOf(cursor: TreeCursor | undefined): Span[] {
  const children: Span[] = [];
  if (cursor === undefined || !cursor.firstChild()) return children;
  do children.push({ type: cursor.name, from: cursor.from, to: cursor.to }); while (
    cursor.nextSibling()
  );
  cursor.parent();
  return children;
}

/** A tree, and where the text stops being of the grammar; `null` where it does not. */
export interface Parsed {
  readonly tree: Tree;
  readonly faultAt: number | null;
}

/**
 * UTF-16 units that are read behind the first error, and what may be open there: each further error
 * may copy all that is open, several times.
 */
const READ_PAST_FAULT = 32_768;
const OPEN_PAST_FAULT = 600;

/** The inside of a parse: what each of its readings has open. */
interface Reading {
  readonly stacks: readonly { readonly stack: readonly number[] }[];
}

/** Reads a text as it is; where that fails once more, past what the grammar does not know. */
export function parse(parser: LRParser, text: string): Parsed {
  const strict = parser.configure({ strict: true }).startParse(text);
  try {
    for (;;) {
      const tree = strict.advance();
      if (tree !== null) return { tree, faultAt: null };
    }
  } catch (error) {
    // The parser's only way of saying so; it throws no other error.
    if (!(error instanceof SyntaxError)) throw error;
  }
  const faultAt = Math.min(strict.parsedPos, text.length);
  return { tree: parsePast(parser, text, faultAt), faultAt };
}

function parsePast(parser: LRParser, text: string, faultAt: number): Tree {
  const parse = parser.startParse(text);
  let end = Math.min(faultAt + READ_PAST_FAULT, text.length);
  parse.stopAt(end);
  for (;;) {
    const tree = parse.advance();
    if (tree !== null) return tree;
    if (parse.parsedPos < faultAt || parse.parsedPos >= end) continue;
    // No type of the package tells of it; a test sees whether it is still there.
    const { stacks } = parse as unknown as Reading;
    if (stacks.some(({ stack }) => stack.length > OPEN_PAST_FAULT)) {
      end = parse.parsedPos;
      parse.stopAt(end);
    }
  }
}
