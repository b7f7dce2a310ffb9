import type { Answer, Run } from "./transaction.ts";

/** Rows that one statement is handed at most. */
const MOST_ROWS = 5000;

/** Runs a statement over rows, in parts; gives the answers. The parts are sent without waiting between. */
export async function runOver(
  run: Run,
  statement: string,
  rows: readonly unknown[],
): Promise<Answer[]> {
  const parts: Promise<Answer>[] = [];
  for (let at = 0; at < rows.length; at += MOST_ROWS) {
    parts.push(run(statement, { rows: rows.slice(at, at + MOST_ROWS) }));
  }
  return await Promise.all(parts);
}

/** The sum of something over answers. */
export function sumOf(answers: readonly Answer[], count: (answer: Answer) => number): number {
  return answers.reduce((sum, answer) => sum + count(answer), 0);
}
