import { ADMINISTRATION } from "./administration.ts";
import { FILES } from "./files.ts";
import { NEO4J_ADMINISTRATION } from "./neo4j_administration.ts";
import { ESCAPED_TWICE, NEO4J_GAPS } from "./neo4j_gaps.ts";
import { PARAMETER_TRICKS } from "./parameter_tricks.ts";
import { SUBQUERIES } from "./subqueries.ts";
import { WRITES } from "./writes.ts";
import { DISGUISED_WRITES } from "./disguised_writes.ts";
import type { GraphQuery } from "../../../domain/graph/query.ts";

/** Something tried through a query on the graph of people. */
export interface Attempt {
  /** What is tried: `create`, `procedure`, `file`. */
  readonly kind: string;
  /** `{file}`, `{record}` and `{url}` stand for what must not be read. */
  readonly statement: string;
  readonly parameters?: GraphQuery["parameters"];
  /** Whether the text as such is an honest read, so that an answer is no fault; else it must be refused. */
  readonly answerable?: true;
}

function refused(kinds: Readonly<Record<string, readonly string[]>>): Attempt[] {
  return Object.entries(kinds).flatMap(([kind, statements]) => {
    return statements.map((statement) => ({ kind, statement }));
  });
}

/** All of them. */
export const ATTEMPTS: readonly Attempt[] = [
  ...refused(WRITES),
  ...refused(DISGUISED_WRITES),
  ...refused(ADMINISTRATION),
  ...refused(FILES),
  ...refused(SUBQUERIES),
  ...refused(NEO4J_ADMINISTRATION),
  ...refused(NEO4J_GAPS),
  ...ESCAPED_TWICE.map((statement) => ({
    kind: "escape of an escape",
    statement,
    answerable: true as const,
  })),
  ...PARAMETER_TRICKS,
];
