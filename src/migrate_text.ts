import type { PlacedItem, PlaceReport } from "./compose_migrate.ts";

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

/** What databases have in their schema, for a person, line by line. */
export function describeItems(items: readonly PlacedItem[]): string[] {
  return items.length === 0 ? ["nothing"] : items.map((item) => {
    return `${describeItem(item)}, ${item.ours ? "the service's own" : "not the service's"}`;
  });
}

/** What has been removed, for a person. */
export function describeDrop(item: PlacedItem): string[] {
  const again = item.ours ? ["it is the service's own: a start or a migration makes it again"] : [];
  return [`dropped ${describeItem(item)}`, ...again];
}

function describeItem({ place, name, kind, label, properties }: PlacedItem): string {
  return `${place}: ${name}, ${kind} of ${label} (${properties.join(", ")})`;
}

function lineOf({ name, outcome }: PlaceReport["steps"][number]["items"][number]): string {
  return `    ${name}: ${outcome === "failed" ? "not there" : outcome}`;
}
