/** A Prometheus histogram's cumulative counts by their upper bounds, the last of which is infinite. */
export type Buckets = readonly (readonly [bound: number, count: number])[];

/** The buckets of a histogram without labels, from a scrape's text. */
export function bucketsOf(text: string, name: string): Buckets {
  const line = new RegExp(`^${name}_bucket\\{le="([^"]+)"\\} (\\d+)`, "gm");
  return [...text.matchAll(line)].map(([, bound, count]) => {
    return [bound === "+Inf" ? Infinity : Number(bound), Number(count)] as const;
  });
}

/** What came between two scrapes. */
export function bucketsSince(before: Buckets, after: Buckets): Buckets {
  return after.map(([bound, count], at) => [bound, count - (before[at]?.[1] ?? 0)]);
}

/** The bound that so large a share of all is at or below; `NaN` of none. */
export function boundAt(buckets: Buckets, share: number): number {
  const all = buckets.at(-1)?.[1] ?? 0;
  if (all === 0) return NaN;
  return buckets.find(([, count]) => count >= share * all)?.[0] ?? Infinity;
}
