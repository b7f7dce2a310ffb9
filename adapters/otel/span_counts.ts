/** What has become of recorded spans; `failed`: sent and not taken, `dropped`: there was no room to wait. */
export interface SpanCounts {
  readonly exported: number;
  readonly failed: number;
  readonly dropped: number;
}

/** Nothing has been recorded. */
export const NO_SPANS: SpanCounts = { exported: 0, failed: 0, dropped: 0 };
