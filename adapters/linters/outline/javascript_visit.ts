import type { Gathering } from "./gathering.ts";
import type { Around } from "./tree_walk.ts";

/** What the look at one node of a JavaScript tree has at hand. */
export interface Visit {
  readonly text: string;
  readonly gathering: Gathering;
  readonly around: Around;
}
