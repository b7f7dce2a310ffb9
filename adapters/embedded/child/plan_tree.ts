/** An operator of a plan with what it takes its rows from. */
export interface OperatorTree {
  readonly name: string;
  /** What stands behind its name. */
  readonly detail: string;
  readonly children: readonly OperatorTree[];
}

interface Growing extends OperatorTree {
  readonly depth: number;
  readonly children: Growing[];
}

/** A plan by its indents: the outermost operator. */
export function treeOf(plan: string): OperatorTree | undefined {
  const above: Growing[] = [];
  let root: Growing | undefined;
  for (const line of plan.trimEnd().split("\n")) {
    const [, indent = "", name = "", detail = ""] = /^( *)(\w*) ?(.*)$/.exec(line) ?? [];
    const operator: Growing = { name, detail, depth: indent.length, children: [] };
    while ((above.at(-1)?.depth ?? -1) >= operator.depth) above.pop();
    above.at(-1)?.children.push(operator);
    above.push(operator);
    root ??= operator;
  }
  return root;
}
