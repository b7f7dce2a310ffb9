import { NO_PARTS, type NodeKind, NONE, type PythonNode } from "../../domain/policy/python_tree.ts";

/** What stands between two places of the text, read already. */
export type Piece = PythonNode;

/** One node of the parser's tree with everything in it. */
export interface Whole {
  readonly pieces: readonly Piece[];
  readonly at: number;
  readonly end: number;
  readonly text: string;
}

/** What a node is besides its kind and its place. */
export interface Rest {
  readonly name?: string;
  readonly value?: string | number | null;
  readonly parts?: readonly PythonNode[];
}

/** A node over the place of another. */
export function make(
  kind: NodeKind,
  place: { readonly at: number; readonly end: number },
  rest: Rest = {},
): PythonNode {
  return {
    kind,
    at: place.at,
    end: place.end,
    name: rest.name ?? "",
    value: rest.value ?? null,
    parts: rest.parts ?? NO_PARTS,
  };
}

/** Whether a piece is that mark or keyword. */
export function isToken(piece: Piece | undefined, name: string): boolean {
  return piece?.kind === "token" && piece.name === name;
}

/** The pieces that are more than marks. */
export function nodesOf(pieces: readonly Piece[]): Piece[] {
  return pieces.filter(({ kind }) => kind !== "token");
}

/** The pieces between the marks of that name. */
export function split(pieces: readonly Piece[], mark: string): Piece[][] {
  const all: Piece[][] = [[]];
  for (const piece of pieces) {
    if (isToken(piece, mark)) all.push([]);
    else all.at(-1)?.push(piece);
  }
  return all;
}

/** What stands between the brackets that are its first and last piece. */
export function inside(pieces: readonly Piece[]): readonly Piece[] {
  return pieces.slice(1, -1);
}

/** Where the first mark of one of these names stands; the number of pieces when there is none. */
export function firstOf(pieces: readonly Piece[], ...names: readonly string[]): number {
  const found = pieces.findIndex(({ kind, name }) => kind === "token" && names.includes(name));
  return found === -1 ? pieces.length : found;
}

/** A piece, or what stands for none. */
export function orNone(piece: Piece | undefined): PythonNode {
  return piece ?? NONE;
}

/** One item of a list: starred, with a target, or as it is. */
export function item(pieces: readonly Piece[]): PythonNode {
  const [first, second] = nodesOf(pieces);
  if (first === undefined) return NONE;
  if (isToken(pieces[0], "*") || isToken(pieces[0], "**")) {
    return make("spread", first, { parts: [first] });
  }
  if (second?.kind === "bind") return { ...second, parts: [orNone(second.parts[0]), first] };
  return second === undefined ? first : make("group", first, { parts: [first, second] });
}

/** Puts together what stands in a list since its last item: a list is made as it is read. */
export function closeItem(pieces: Piece[], from: number): void {
  const since = pieces.splice(from);
  if (since.length > 0) pieces.push(item(since));
}

/** Items between commas. */
export function items(pieces: readonly Piece[]): PythonNode[] {
  return split(pieces, ",").filter(({ length }) => length > 0).map(item);
}

/** One expression, or the tuple that commas make of several. */
export function expression(pieces: readonly Piece[]): PythonNode {
  const [first] = pieces;
  if (first === undefined) return NONE;
  const parts = items(pieces);
  const [only = NONE] = parts;
  const isTuple = parts.length !== 1 || isToken(pieces.at(-1), ",");
  return isTuple
    ? make("sequence", { at: first.at, end: pieces.at(-1)?.end ?? 0 }, { parts })
    : only;
}
