import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";

/** Which traces are recorded. */
export interface SamplerOptions {
  /** Whether a caller's own decision counts before `root`. */
  readonly parentBased: boolean;
  readonly root: "always_on" | "always_off" | "traceidratio";
  /** The share of traces that `traceidratio` records, 0 to 1. */
  readonly ratio: number;
}

/** The sampler that does so. */
export function samplerOf({ parentBased, root: kind, ratio }: SamplerOptions): Sampler {
  const root = kind === "always_off"
    ? new AlwaysOffSampler()
    : kind === "always_on"
    ? new AlwaysOnSampler()
    : new TraceIdRatioBasedSampler(ratio);
  return parentBased ? new ParentBasedSampler({ root }) : root;
}
