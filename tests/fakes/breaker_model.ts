import type {
  BreakerPolicy,
  BreakerStateName,
  Verdict,
} from "../../domain/resilience/breaker_policy.ts";

interface Ended {
  readonly failed: boolean;
  readonly slow: boolean;
  readonly at: number;
}

interface InHand {
  /** The era that it began in. */
  readonly era: number;
  readonly began: number;
}

/**
 * A circuit breaker as one would write it down, without a thought for its cost: every call in hand and
 * every one that ended since it last closed is kept, and whatever is asked is counted out of them.
 */
export class BreakerModel {
  state: BreakerStateName = "closed";
  readonly calls = { successful: 0, failed: 0, ignored: 0, rejected: 0 };
  readonly #policy: BreakerPolicy;
  readonly #inHand = new Map<string, InHand>();
  /** Moves on at every change of state and every reset. */
  #era = 0;
  #eraBegan = 0;
  #lastProbe = 0;
  #ended: Ended[] = [];

  constructor(policy: BreakerPolicy) {
    this.#policy = policy;
  }

  /** Probes in flight that can still move it. */
  get probes(): number {
    if (this.state !== "half_open") return 0;
    return Array.from(this.#inHand.values()).filter(({ era }) => era === this.#era).length;
  }

  force(state: "closed" | "forced_open" | "disabled", now: number): void {
    // Only to be closed again is to begin anew; to be forced into what it is changes nothing.
    if (state === "closed" || state !== this.state) this.#enter(state, now);
  }

  begin(name: string, now: number): boolean {
    const { timeoutSeconds, halfOpenMaxCalls } = this.#policy;
    const timeout = timeoutSeconds * 1000;
    const isFull = this.probes >= halfOpenMaxCalls;
    if (this.state === "open" && now - this.#eraBegan >= timeout) this.#enter("half_open", now);
    else if (isFull && now - this.#lastProbe >= timeout) this.#enter("open", now);
    const letIn = this.state === "half_open"
      ? this.probes < halfOpenMaxCalls
      : this.state === "closed" || this.state === "disabled";
    if (letIn) this.#inHand.set(name, { era: this.#era, began: now });
    else this.calls.rejected += 1;
    if (letIn && this.state === "half_open") this.#lastProbe = now;
    return letIn;
  }

  end(name: string, verdict: Verdict, now: number): void {
    const call = this.#inHand.get(name);
    if (call === undefined) throw new Error(`no call '${name}' is in hand`);
    this.#inHand.delete(name);
    this.calls[verdict] += 1;
    if (verdict === "ignored" || call.era !== this.#era) return;
    const longest = this.#policy.window?.slowCalls?.seconds ?? Infinity;
    const slow = now - call.began > longest * 1000;
    this.#ended.push({ failed: verdict === "failed", slow, at: now });
    if (this.state === "closed" && this.#mustOpen(now)) this.#enter("open", now);
    if (this.state === "half_open") this.#judgeProbes(now);
  }

  #judgeProbes(now: number): void {
    const bad = this.#ended.some(({ failed, slow }) => failed || slow);
    if (bad) this.#enter("open", now);
    else if (this.#ended.length >= this.#policy.successThreshold) this.#enter("closed", now);
  }

  #mustOpen(now: number): boolean {
    const { failureThreshold, window } = this.#policy;
    const last = this.#ended.slice(-failureThreshold);
    if (last.length === failureThreshold && last.every(({ failed }) => failed)) return true;
    if (window === null) return false;
    const counted = this.#windowed(window.over, now);
    if (counted.length < window.minimumCalls) return false;
    const share = (of: (call: Ended) => boolean) => counted.filter(of).length / counted.length;
    const { failureRate, slowCalls } = window;
    return (failureRate !== null && share(({ failed }) => failed) >= failureRate) ||
      (slowCalls !== null && share(({ slow }) => slow) >= slowCalls.rate);
  }

  #windowed(over: { calls: number } | { seconds: number }, now: number): readonly Ended[] {
    if ("calls" in over) return this.#ended.slice(-over.calls);
    const tenthOf = (time: number) => Math.floor(time / (over.seconds * 100));
    return this.#ended.filter(({ at }) => tenthOf(at) > tenthOf(now) - 10);
  }

  #enter(state: BreakerStateName, now: number): void {
    this.state = state;
    this.#era += 1;
    this.#eraBegan = now;
    this.#lastProbe = now;
    this.#ended = [];
  }
}
