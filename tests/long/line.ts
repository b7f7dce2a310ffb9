import { median } from "../bench/statistics.ts";

/** A point of a measured line. */
export type Point = readonly [x: number, y: number];

/**
 * The median of the slopes between all pairs of points (Theil and Sen): unlike the least squares, it
 * does not heed single points that lie far off, as memory does while garbage waits to be collected.
 *
 * Needs at least two points that differ in x.
 */
export function medianSlope(points: readonly Point[]): number {
  const slopes = points.flatMap(([x, y], index) =>
    points.slice(index + 1).filter(([other]) => other !== x).map(([otherX, otherY]) =>
      (otherY - y) / (otherX - x)
    )
  );
  return median(slopes);
}
