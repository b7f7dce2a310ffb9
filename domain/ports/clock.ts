/** Time, told to the code that needs it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. Can jump. */
  now(): number;
  /** Milliseconds since an arbitrary start. Never goes back. */
  monotonic(): number;
}

/** When something began. */
export interface Beginning {
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** By which it is told how long ago that is: the other may jump. */
  readonly monotonic: number;
}

/** What begins now. */
export function beginning(clock: Clock): Beginning {
  return { now: clock.now(), monotonic: clock.monotonic() };
}

/** How long ago something began, by the same clock. */
export function secondsSince({ monotonic }: Beginning, clock: Clock): number {
  return (clock.monotonic() - monotonic) / 1000;
}
