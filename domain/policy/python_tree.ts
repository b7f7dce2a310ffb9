/**
 * What a node of a Python program is. In brackets its `parts`, in order; `none` stands where a part is
 * absent.
 *
 * Expressions: `name`; `attribute` (`name`) [object]; `call` [callee, …arguments], an argument being an
 * expression, `keyword` (`name`) [value] or `spread` [value]; `subscript` [object, …keys]; `slice`
 * [lower, upper, step]; `text` (`value`); `format`, texts and fields that are put together [… each];
 * `number` (`value`); `sequence` [… items]; `binary` (`name`: the operator) [left, right]; `choice`, of
 * whose options one is the value [group of tests, … options]; `named`, a walrus [target, value];
 * `lambda` [params, body]; `comprehension` [element, … clauses], each `clause` [target, iterable,
 * conditions].
 *
 * Statements: `module` and `block`, what need not be gone through [… statements]; `assign` [value,
 * annotation, … targets]; `augment` [target, value]; `import` [… imported], each `imported` (`name`: a
 * dotted path, `value`: its alias or null); `from` (`name`: the module, `value`: leading dots)
 * [… imported], `*` being a name too; `function` (`name`) [decorators, params, returns, body]; `class`
 * (`name`) [decorators, arguments, body]; `params` [… param], each `param` (`name`) [annotation,
 * default]; `for` [target, iterable, body, else]; `bind` (`name`: with, except, case or type) [target,
 * value]; `delete` [… targets]; `scope` (`name`: global or nonlocal) [… names]; `member_pattern`
 * (`name`) [pattern].
 *
 * `group` is everything else whose parts are merely evaluated; `word` and `token` stand in no tree that
 * is handed on.
 */
export type NodeKind =
  | "name"
  | "attribute"
  | "call"
  | "keyword"
  | "spread"
  | "subscript"
  | "slice"
  | "text"
  | "format"
  | "number"
  | "sequence"
  | "binary"
  | "choice"
  | "named"
  | "lambda"
  | "comprehension"
  | "clause"
  | "module"
  | "block"
  | "assign"
  | "augment"
  | "import"
  | "imported"
  | "from"
  | "function"
  | "class"
  | "params"
  | "param"
  | "for"
  | "bind"
  | "delete"
  | "scope"
  | "member_pattern"
  | "group"
  | "word"
  | "token"
  | "none";

/** A node of a Python program, free of any parser's ways. */
export interface PythonNode {
  readonly kind: NodeKind;
  /** Where the word that names it begins, in UTF-16 units of the program's text. */
  readonly at: number;
  /** Where it ends. */
  readonly end: number;
  /** An identifier in Unicode's NFKC form, as Python compares them; `""` where there is none. */
  readonly name: string;
  /** What a text or number is; `null` where that cannot be told. */
  readonly value: string | number | null;
  readonly parts: readonly PythonNode[];
}

/** Parts of a node without any. */
export const NO_PARTS: readonly PythonNode[] = [];

/** What stands where a part is absent. */
export const NONE: PythonNode = {
  kind: "none",
  at: 0,
  end: 0,
  name: "",
  value: null,
  parts: NO_PARTS,
};

/** The node's part of that number; {@link NONE} past the last. */
export function part(node: PythonNode, index: number): PythonNode {
  return node.parts[index] ?? NONE;
}
