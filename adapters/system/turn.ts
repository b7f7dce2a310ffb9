import { setImmediate } from "node:timers/promises";

/** Gives whatever else has come its turn of the event loop. */
export function turn(): Promise<void> {
  return setImmediate();
}
