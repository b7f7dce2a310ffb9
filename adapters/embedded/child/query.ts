import type { GraphAnswer, GraphQuery } from "../../../domain/graph/query.ts";
import { typedRows } from "./answer.ts";
import { boundedStatement, planOf } from "./bounded_statement.ts";
import { statementFailure } from "./engine_error.ts";
import { ensureReading } from "./gate.ts";
import { withNamedAggregate } from "./named_aggregate.ts";
import { mayHaveLookalikes } from "./lookalikes.ts";
import { type Probe, probingStatement } from "./number_kinds.ts";
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
    const { text, added } = await withNamedAggregate(run, { ...given, plan });
    const bounds = { text, parameters: given.parameters, rows: limit + 1 };
    const bounded = await boundedStatement(run, bounds);
    const result = await run(bounded, given.parameters);
    const again = async (probes: readonly Probe[]) => {
      const probing = probingStatement(bounded, probes);
      ensureReading(await planOf(run, probing, given.parameters));
      return await run(probing, given.parameters);
    };
    const lookalikes = mayHaveLookalikes(statement, parameters);
    const rows = await typedRows(run, result, { again, lookalikes });
    const own = <T>(row: readonly T[]) => row.filter((_, at) => result.columns[at] !== added);
    return {
      columns: own(result.columns).map((name) => given.expressions.get(name) ?? name),
      rows: rows.slice(0, limit).map(own),
      truncated: rows.length > limit,
      repeatable: isRepeatable(statement, plan),
    };
  } catch (error) {
    throw statementFailure(error, Infinity);
  }
}
