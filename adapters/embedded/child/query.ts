import type { GraphAnswer, GraphQuery } from "../../../domain/graph/query.ts";
import { typedRows } from "./answer.ts";
import { boundedStatement, planOf } from "./bounded_statement.ts";
import { statementFailure } from "./engine_error.ts";
import { ensureReading } from "./gate.ts";
import { probingStatement } from "./number_kinds.ts";
import { givenStatement } from "./parameters.ts";
import { isRepeatable } from "./repeatable.ts";
import type { Run, Store } from "./store.ts";

/** Answers a reading statement, in a transaction that is rolled back. */
export function answerQuery(store: Store, query: GraphQuery): Promise<GraphAnswer> {
  const { generation } = store;
  return store.read(async (run) => ({ ...await answerOf(run, query), generation }));
}

async function answerOf(
  run: Run,
  { statement, parameters, limit }: GraphQuery,
): Promise<Omit<GraphAnswer, "generation">> {
  const given = givenStatement(statement, parameters);
  // The caller's own text first: the places in what the engine says against it are then the caller's.
  const plan = await planOf(run, statement, parameters).catch((error) => {
    throw statementFailure(error, 1);
  });
  ensureReading(plan);
  try {
    const bounds = { text: given.text, parameters: given.parameters, rows: limit + 1 };
    const bounded = await boundedStatement(run, bounds);
    const result = await run(bounded, given.parameters);
    const rows = await typedRows(run, result, async (probes) => {
      const probing = probingStatement(bounded, probes);
      ensureReading(await planOf(run, probing, given.parameters));
      return await run(probing, given.parameters);
    });
    return {
      columns: result.columns.map((name) => given.expressions.get(name) ?? name),
      rows: rows.slice(0, limit),
      truncated: rows.length > limit,
      repeatable: isRepeatable(statement, plan),
    };
  } catch (error) {
    throw statementFailure(error, Infinity);
  }
}
