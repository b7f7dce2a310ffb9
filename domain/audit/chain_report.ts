/** A place in a chain. */
export interface ReportedHead {
  /** 0 before the first event. */
  readonly sequence: number;
  /** 64 hexadecimal digits. */
  readonly hash: string;
}

/** What is wrong, and where. */
export interface ChainFault {
  /** The event, or the place of one; `null` where it is about the whole chain. */
  readonly sequence: number | null;
  readonly what: string;
}

/** What a verification has found. */
export interface ChainReport {
  readonly instance: string;
  /** Events looked at. */
  readonly count: number;
  /** The first one's sequence; 0 where there is none. */
  readonly first: number;
  /** The last one. */
  readonly head: ReportedHead;
  /** What retention has taken before them. */
  readonly checkpoint: ReportedHead | null;
  /** Heads that were kept apart. */
  readonly kept: readonly ReportedHead[];
  /** Events that are taken and wait for the database; no hash covers them yet. */
  readonly waiting: number;
  /** At most 100. */
  readonly faults: readonly ChainFault[];
  readonly faultCount: number;
}
