/** Time, told to the code that needs it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. Can jump. */
  now(): number;
  /** Milliseconds since an arbitrary start. Never goes back. */
  monotonic(): number;
}
