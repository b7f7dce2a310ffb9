/** One row of `docs/requirements.md`. */
export interface Requirement {
  /** `S1`, `B6`. */
  readonly id: string;
  readonly what: string;
  readonly acceptance: string;
}

/** A row with the tests whose names cite it. */
export interface CitedRequirement {
  readonly id: string;
  readonly tests: readonly string[];
}

/** Rows that no test shows yet. A row leaves this list when its first test arrives; none enters it. */
export const NOT_YET_BUILT: readonly string[] = [
  "B9",
  "B12",
  "S42",
  "S44",
  "S45",
];

/** The rows of the page's tables, in order. */
export function parseRequirements(markdown: string): Requirement[] {
  return Array.from(
    markdown.matchAll(/^\| *([SB]\d+) *\| *(.+?) *\| *(.*?) *\|$/gm),
    ([, id = "", what = "", acceptance = ""]) => ({ id, what, acceptance }),
  );
}

/** The rows that a test's name cites: `run() ends [S13, B6]` cites two. */
export function citedRows(testName: string): string[] {
  const brackets = Array.from(testName.matchAll(/\[([SB]\d+(?:, [SB]\d+)*)\]/g));
  return brackets.flatMap(([, rows = ""]) => rows.split(", "));
}

/** Each row with the tests that cite it. */
export function withCitations(
  ids: readonly string[],
  testNames: readonly string[],
): CitedRequirement[] {
  return ids.map((id) => ({
    id,
    tests: testNames.filter((name) => citedRows(name).includes(id)),
  }));
}

/** Why a row's standing is wrong; `null` when it is cited or awaited, and not both. */
export function rowFault(row: CitedRequirement, notYetBuilt: readonly string[]): string | null {
  const awaited = notYetBuilt.includes(row.id);
  const cited = row.tests.length > 0;
  if (cited && awaited) {
    return `${row.id} stands in NOT_YET_BUILT and is cited by: ${row.tests.join("; ")}`;
  }
  if (!cited && !awaited) return `${row.id} is cited by no test and not in NOT_YET_BUILT`;
  return null;
}

/** Citations that name no row, are not of the form `[S13, B6]`, or stand in the list in vain. */
export function strayCitations(
  ids: readonly string[],
  testNames: readonly string[],
  notYetBuilt: readonly string[],
): string[] {
  const unknown = (id: string) => !ids.includes(id);
  return [
    ...testNames.flatMap((name) =>
      citedRows(name).filter(unknown).map((id) => `'${name}' cites the unknown row ${id}`)
    ),
    ...testNames.filter((name) => /\[[SB]\d/.test(name) && citedRows(name).length === 0)
      .map((name) => `'${name}' cites in another form than [S13, B6]`),
    ...notYetBuilt.filter(unknown).map((id) => `NOT_YET_BUILT has the unknown row ${id}`),
    ...notYetBuilt.filter((id, at) => notYetBuilt.indexOf(id) !== at)
      .map((id) => `NOT_YET_BUILT has ${id} twice`),
  ];
}
