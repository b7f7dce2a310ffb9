import type { Plan } from "neo4j-driver";
import { INTERNAL_LABEL, INTERNAL_PREFIX } from "../../domain/graph/names.ts";
import { invalid, notReading } from "./faults.ts";
import { isName, type Token, tokensOf, unescaped } from "./lexical.ts";

/** Operators of a plan that read the graph and do nothing else, by their names before any bracket. */
const READING = new Set(
  (
    // Where nodes and relationships are found.
    "AllNodesScan PartitionedAllNodesScan NodeByLabelScan PartitionedNodeByLabelScan " +
    "UnionNodeByLabelsScan PartitionedUnionNodeByLabelsScan IntersectionNodeByLabelsScan " +
    "PartitionedIntersectionNodeByLabelsScan SubtractionNodeByLabelsScan " +
    "PartitionedSubtractionNodeByLabelsScan NodeByIdSeek NodeByElementIdSeek NodeIndexSeek " +
    "NodeUniqueIndexSeek NodeIndexSeekByRange NodeUniqueIndexSeekByRange MultiNodeIndexSeek " +
    "PartitionedNodeIndexSeek PartitionedNodeIndexSeekByRange PartitionedNodeIndexScan " +
    "NodeIndexScan NodeIndexContainsScan NodeIndexEndsWithScan " +
    "DirectedAllRelationshipsScan UndirectedAllRelationshipsScan DirectedRelationshipTypeScan " +
    "UndirectedRelationshipTypeScan DirectedUnionRelationshipTypesScan " +
    "UndirectedUnionRelationshipTypesScan PartitionedDirectedAllRelationshipsScan " +
    "PartitionedUndirectedAllRelationshipsScan PartitionedDirectedRelationshipTypeScan " +
    "PartitionedUndirectedRelationshipTypeScan PartitionedDirectedUnionRelationshipTypesScan " +
    "PartitionedUndirectedUnionRelationshipTypesScan DirectedRelationshipByIdSeek " +
    "UndirectedRelationshipByIdSeek DirectedRelationshipByElementIdSeek " +
    "UndirectedRelationshipByElementIdSeek DirectedRelationshipIndexSeek " +
    "UndirectedRelationshipIndexSeek DirectedRelationshipUniqueIndexSeek " +
    "UndirectedRelationshipUniqueIndexSeek DirectedRelationshipIndexSeekByRange " +
    "UndirectedRelationshipIndexSeekByRange DirectedRelationshipIndexScan " +
    "UndirectedRelationshipIndexScan DirectedRelationshipIndexContainsScan " +
    "UndirectedRelationshipIndexContainsScan DirectedRelationshipIndexEndsWithScan " +
    "UndirectedRelationshipIndexEndsWithScan NodeCountFromCountStore " +
    "RelationshipCountFromCountStore " +
    // Where they are followed.
    "Expand OptionalExpand VarLengthExpand ProjectEndpoints ShortestPath AllShortestPaths " +
    "StatefulShortestPath Repeat RepeatOptions BidirectionalRepeat TriadicBuild TriadicFilter " +
    "TriadicSelection " +
    // Where rows are joined, shaped and told.
    "Apply SemiApply AntiSemiApply LetSemiApply LetAntiSemiApply SelectOrSemiApply " +
    "SelectOrAntiSemiApply LetSelectOrSemiApply LetSelectOrAntiSemiApply ConditionalApply " +
    "AntiConditionalApply RollUpApply Argument Optional CartesianProduct NodeHashJoin " +
    "ValueHashJoin NodeLeftOuterHashJoin NodeRightOuterHashJoin AssertSameNode " +
    "AssertSameRelationship Filter CacheProperties Projection Unwind PartitionedUnwind Distinct " +
    "OrderedDistinct EagerAggregation OrderedAggregation Eager Limit ExhaustiveLimit Skip Sort " +
    "PartialSort Top PartialTop Top1WithTies Union OrderedUnion EmptyRow EmptyResult ProduceResults"
  ).split(" "),
);

/** Functions in a namespace that are the language's own; others are plugins', which can do anything. */
const OWN_NAMESPACES = /^(date|time|datetime|localtime|localdatetime|duration|point|vector)\./;

/** A subquery within an expression may have no operators of its own: it shows in its operator's details. */
const SUBQUERY = /\b(EXISTS|COUNT|COLLECT)\s*\{/i;

/** What must not be in one, texts and names included: they are not told apart here. */
const NESTED: readonly [shown: RegExp, what: string][] = [
  [/\bLOAD\s+CSV\b/i, "LOAD CSV"],
  [/\bResolvedCall\(/, "a procedure"],
];

/** What may stand before a statement. */
const PREFIXES = new Set(["EXPLAIN", "PROFILE", "CYPHER"]);

/** What may stand behind a variable; behind the clause `USE` there is a name. */
const AFTER_VARIABLES = new Set(
  (
    "AS IN IS AND OR XOR NOT STARTS ENDS CONTAINS ASC ASCENDING DESC DESCENDING WHEN THEN ELSE END " +
    "WHERE ORDER SKIP LIMIT OFFSET UNION WITH MATCH OPTIONAL UNWIND CALL YIELD RETURN FINISH USE " +
    "LOAD FOREACH REMOVE CREATE MERGE SET DELETE DETACH"
  ).split(" "),
);
/** What a clause can begin behind, besides those that stand before a statement. */
const BEFORE_CLAUSES = new Set(["{", "}", ";", "UNION", "ALL", "NEXT", ...PREFIXES]);

/** Brackets within brackets, and `CASE` within `CASE`: planning takes twice as long for each beyond this. */
const DEEPEST = 64;

/** What begins a clause that is planned together with the others of its statement. */
const PLANNED = new Set(["MATCH", "UNWIND", "WITH", "CALL", "FOREACH"]);
/** Such clauses in one statement: what planning takes grows faster than their number, memory included. */
const MOST_CLAUSES = 200;

/**
 * Refuses a statement that is nested so deeply, or so long, that the database would plan it for minutes.
 *
 * @throws {DomainError} `query_invalid`.
 */
export function ensurePlain(tokens: readonly Token[]): void {
  const clauses = tokens.filter(({ kind, text }) => {
    return kind === "name" && PLANNED.has(text.toUpperCase());
  });
  if (clauses.length > MOST_CLAUSES) {
    throw invalid(`it has more than ${MOST_CLAUSES} clauses (MATCH, UNWIND, WITH, CALL)`);
  }
  ensureShallow(tokens);
}

function ensureShallow(tokens: readonly Token[]): void {
  let depth = 0;
  for (const { kind, text } of tokens) {
    if (kind === "sign" && "([{".includes(text)) depth += 1;
    if (kind === "sign" && ")]}".includes(text)) depth -= 1;
    if (kind === "name" && text.toUpperCase() === "CASE") depth += 1;
    if (kind === "name" && text.toUpperCase() === "END") depth -= 1;
    if (depth > DEEPEST) throw invalid(`it is nested more than ${DEEPEST} deep`);
  }
}

/**
 * Refuses what is not known to read only: the database's own analysis of the statement, down to the last
 * operator, against a list of what may. What a later version adds is refused until somebody has looked.
 *
 * @throws {DomainError} `query_not_read_only`.
 */
export function ensureReading(queryType: string, plan: Plan | false): void {
  if (plan === false) throw notReading("a statement without a plan");
  for (const operator of operatorsOf(plan)) {
    const name = nameOf(operator);
    if (name === "ProcedureCall") throw notReading(`the procedure ${detailOf(operator)}`);
    if (!READING.has(name)) throw notReading(`the operation '${name}'`);
    ensureNestedReading(detailOf(operator));
  }
  if (queryType !== "r") throw notReading(`a statement of the type '${queryType}'`);
}

/**
 * Refuses by its words what a plan may not show: a subquery within an expression has no operators there.
 * This stands beside {@link ensureReading}, never in its place.
 *
 * @throws {DomainError} `query_not_read_only`, or `query_invalid` where the service's own label is named.
 */
export function ensureReadingWords(statement: string): void {
  const once = unescaped(statement);
  // What is put in the statement's place is sent with its escapes taken out, and the database does so again.
  for (const text of new Set([statement, once, unescaped(once)])) ensureWords(tokensOf(text));
}

function ensureWords(tokens: readonly Token[]): void {
  ensureNoOptions(tokens);
  tokens.forEach((token, at) => {
    ensureNoValueAsLabel(tokens, at);
    if (!isName(token)) return;
    if (token.text === INTERNAL_LABEL || token.text.startsWith(INTERNAL_PREFIX)) {
      throw invalid(`the name '${token.text}' is the service's own`);
    }
    const word = token.text.toUpperCase();
    const next = tokens[at + 1];
    if (isUse(tokens, at)) throw invalid("USE is not allowed: statements are for one database");
    if (token.kind === "name" && word === "LOAD" && next?.text.toUpperCase() === "CSV") {
      throw notReading("LOAD CSV");
    }
    const named = isName(next) && (next.text.includes(".") || tokens[at + 2]?.text === ".");
    if (token.kind === "name" && word === "CALL" && named) throw notReading("a procedure");
    if (next?.text === "(") ensureFunction(fullName(tokens, at));
  });
}

/** Whether the clause stands here, which leads to another database, and not something that is called so. */
function isUse(tokens: readonly Token[], at: number): boolean {
  const [before, token, next] = [tokens[at - 1], tokens[at], tokens[at + 1]];
  if (token?.kind !== "name" || token.text.toUpperCase() !== "USE") return false;
  const isProperty = before?.kind === "sign" && (before.text === "." || before.text === ":");
  if (next === undefined || isProperty) return false;
  if (next.kind === "quoted name" || next.kind === "parameter" || next.text === "$") return true;
  if (next.kind !== "name") return false;
  const begins = before === undefined || /^\d+$/.test(before.text) ||
    BEFORE_CLAUSES.has(before.text.toUpperCase());
  return begins || !AFTER_VARIABLES.has(next.text.toUpperCase());
}

/** `CYPHER debug=ast replan=force …`: plans anew each time, and shows what is the database's own affair. */
function ensureNoOptions(tokens: readonly Token[]): void {
  const first = tokens.findIndex(({ text }) =>
    !PREFIXES.has(text.toUpperCase()) && !/^\d+$/.test(text)
  );
  const isOption = first > 0 && tokens[first + 1]?.text === "=";
  if (isOption) throw invalid(`the option '${tokens[first]?.text}' cannot be set here`);
}

/** `(n:$($label))`, `(n:$any($labels))`: by a value the service's own label could be named, too. */
function ensureNoValueAsLabel(tokens: readonly Token[], at: number): void {
  const token = tokens[at];
  const isDollar = token?.kind === "sign" && token.text === "$";
  if (!isDollar && token?.kind !== "parameter") return;
  const isSpaced = isDollar && isName(tokens[at + 1]);
  if (tokens[at + (isSpaced ? 2 : 1)]?.text === "(") {
    throw invalid("a label or a type cannot be a value here");
  }
}

function ensureNestedReading(details: string): void {
  if (!SUBQUERY.test(details)) return;
  for (const [nested, what] of NESTED) {
    if (nested.test(details)) throw notReading(`${what} in a subquery`);
  }
}

function ensureFunction(name: string): void {
  if (!name.includes(".") || OWN_NAMESPACES.test(name.toLowerCase())) return;
  throw notReading(`the function '${name}', which is not the language's own`);
}

/** The name that ends here with all its namespaces. */
function fullName(tokens: readonly Token[], at: number): string {
  const parts = [tokens[at]?.text ?? ""];
  for (let before = at - 1; tokens[before]?.text === "."; before -= 2) {
    const part = tokens[before - 1];
    if (!isName(part)) break;
    parts.unshift(part.text);
  }
  return parts.join(".");
}

function* operatorsOf(plan: Plan): Iterable<Plan> {
  yield plan;
  for (const child of plan.children) yield* operatorsOf(child);
}

function nameOf({ operatorType }: Plan): string {
  return operatorType.replace(/@.*$/, "").replace(/\(.*$/, "");
}

function detailOf({ arguments: { Details: details = "" } }: Plan): string {
  return String(details);
}
