/** A text put into a statement. */
export interface Insertion {
  readonly at: number;
  readonly text: string;
}

/** The statement with texts put in, each at its place in the statement as it was. */
export function withInsertions(statement: string, insertions: readonly Insertion[]): string {
  return insertions.toSorted((a, b) => b.at - a.at).reduce(
    (text, { at, text: inserted }) => text.slice(0, at) + inserted + text.slice(at),
    statement,
  );
}
