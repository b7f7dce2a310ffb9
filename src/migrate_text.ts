import type { PlaceReport } from "./compose_migrate.ts";

/** What a migration did, for a person, line by line. */
export function describeMigrations(reports: readonly PlaceReport[]): string[] {
  return reports.flatMap(({ place, backend, steps }) => [
    steps.length === 0
      ? `${place}: ${backend}, brought up to date by the service when it starts`
      : `${place}: ${backend}`,
    ...steps.flatMap(({ name, standing, items }) => [
      `  ${name}: ${standing}`,
      ...(standing === "recorded" ? [] : items.map(lineOf)),
    ]),
  ]);
}

function lineOf({ name, outcome }: PlaceReport["steps"][number]["items"][number]): string {
  return `    ${name}: ${outcome === "failed" ? "not there" : outcome}`;
}
