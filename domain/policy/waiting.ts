import { NONE, type PythonNode } from "./python_tree.ts";

interface List<Within> {
  readonly nodes: readonly PythonNode[];
  readonly within: Within;
  next: number;
}

/**
 * Nodes that are still to be visited: of the last list first, in its order. However long a list is,
 * putting it here takes no time for each node.
 */
export class Waiting<Within> {
  readonly #lists: List<Within>[] = [];

  /** Lets nodes wait, before all that wait already. */
  push(nodes: readonly PythonNode[], within: Within): void {
    if (nodes.length > 0) this.#lists.push({ nodes, within, next: 0 });
  }

  /** The next node; `undefined` when none waits. */
  pop(): { readonly node: PythonNode; readonly within: Within } | undefined {
    const list = this.#lists.at(-1);
    if (list === undefined) return undefined;
    const node = list.nodes[list.next] ?? NONE;
    list.next += 1;
    if (list.next >= list.nodes.length) this.#lists.pop();
    return { node, within: list.within };
  }
}
