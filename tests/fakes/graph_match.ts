import type { GraphNode, GraphRelationship, GraphValue } from "../../domain/graph/value.ts";
import type { Pattern, PatternPart, Step } from "./graph_cypher.ts";
import { compared, contents, type Row, type Scope, valueOf } from "./graph_expressions.ts";
import type { KeptGraph, KeptNode, KeptRelationship } from "./graph_maps.ts";

/** A way through a pattern so far. */
interface Way {
  readonly row: Row;
  readonly nodes: readonly GraphNode[];
  readonly relationships: readonly GraphRelationship[];
}

/** Every way in which the patterns fit, each relationship used once; `null` for each that does not. */
export function* matches(
  patterns: readonly Pattern[],
  row: Row,
  scope: Scope,
  used: readonly GraphRelationship[] = [],
): Generator<Row | null> {
  const [pattern, ...others] = patterns;
  if (pattern === undefined) {
    yield row;
    return;
  }
  for (const way of ways(pattern, { row, nodes: [], relationships: [] }, scope, used)) {
    if (way === null) {
      yield null;
      continue;
    }
    const { nodes, relationships } = way;
    const path: GraphValue = { kind: "path", nodes, relationships };
    const bound = pattern.path === null ? way.row : new Map([...way.row, [pattern.path, path]]);
    yield* matches(others, bound, scope, [...used, ...relationships]);
  }
}

function* ways(
  pattern: Pattern,
  way: Way,
  scope: Scope,
  used: readonly GraphRelationship[],
): Generator<Way | null> {
  const [part] = pattern.nodes;
  if (part === undefined) return;
  for (const kept of scope.nodes.values()) {
    const node = nodeOf(kept);
    const row = fits(part, node, node.labels, way.row, scope);
    if (row === null) yield null;
    else yield* onward(pattern, 0, { ...way, row, nodes: [node] }, scope, used);
  }
}

function* onward(
  pattern: Pattern,
  at: number,
  way: Way,
  scope: Scope,
  used: readonly GraphRelationship[],
): Generator<Way | null> {
  const [step, part, from] = [pattern.steps[at], pattern.nodes[at + 1], way.nodes.at(-1)];
  if (step === undefined || part === undefined || from === undefined) {
    yield way;
    return;
  }
  for (const kept of scope.relationships.values()) {
    const relationship = relationshipOf(kept);
    const taken = [...used, ...way.relationships].some((other) => sameOne(other, relationship));
    for (const key of taken ? [] : farEnds(relationship, from.key, step)) {
      const node = nodeIn(scope, key);
      const types = [relationship.type];
      const row = fits(step, relationship, types, way.row, scope);
      const bound = row && fits(part, node, node.labels, row, scope);
      if (bound === null) yield null;
      else {
        const nodes = [...way.nodes, node];
        const relationships = [...way.relationships, relationship];
        const longer = { row: bound, nodes, relationships };
        yield* onward(pattern, at + 1, longer, scope, used);
      }
    }
  }
}

function farEnds(relationship: GraphRelationship, from: string | null, step: Step): string[] {
  const { start, end } = relationship;
  const out = step.direction !== "left" && start === from ? [end] : [];
  const back = step.direction !== "right" && end === from && start !== end ? [start] : [];
  const loop = step.direction === "left" && start === from && start === end ? [start] : [];
  return [...out, ...back, ...loop];
}

function sameOne(a: GraphRelationship, b: GraphRelationship): boolean {
  return a.start === b.start && a.end === b.end && a.type === b.type;
}

/** The row with the part's variable bound, or `null` if the value is not what the part describes. */
function fits(
  part: PatternPart,
  value: GraphNode | GraphRelationship,
  names: readonly string[],
  row: Row,
  scope: Scope,
): Row | null {
  if (!part.names.every((name) => names.includes(name))) return null;
  const held = contents(value);
  for (const [name, expression] of part.entries) {
    const [found, wanted] = [held[name] ?? null, valueOf(expression, row, scope)];
    if (found === null || wanted === null || compared(found, wanted) !== 0) return null;
  }
  if (part.variable === null) return row;
  const bound = row.get(part.variable);
  if (bound !== undefined) return compared(bound, value) === 0 ? row : null;
  return new Map([...row, [part.variable, value]]);
}

function nodeOf({ key, labels, properties }: KeptNode): GraphNode {
  return { kind: "node", key, id: key, labels, properties };
}

function nodeIn(graph: KeptGraph, key: string): GraphNode {
  const node = graph.nodes.get(key);
  if (node === undefined) throw new Error(`the relationship's end '${key}' is gone`);
  return nodeOf(node);
}

function relationshipOf({ start, end, type, properties }: KeptRelationship): GraphRelationship {
  return { kind: "relationship", type, start, end, properties };
}
