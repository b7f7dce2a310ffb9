import type { Clock } from "../domain/ports/clock.ts";
import type { Log } from "../domain/ports/log.ts";
import type { DependencyCheck, Readiness } from "./service_status.ts";

/** A dependency of the service. */
export type Dependency = keyof Readiness["checks"];

type State = DependencyCheck["status"];

/** A dependency that was otherwise than before. */
export interface HealthChange {
  /** When it was found so, ISO 8601 UTC. */
  readonly time: string;
  readonly dependency: Dependency;
  readonly from: State;
  readonly to: State;
  /** Why it is not ready; `null` where it is, or where nobody knows. */
  readonly detail: string | null;
}

/** What the history of health is kept with. */
export interface HealthHistoryParts {
  readonly clock: Clock;
  readonly log: Log;
}

/** Changes that are kept; older ones go. */
const KEPT = 50;

/** What readiness has found to change, as far back as the last 50 changes; logged as it is found. */
export class HealthHistory {
  readonly #parts: HealthHistoryParts;
  /** Before the first check all is taken to be ready: what is not is a change. */
  readonly #states = new Map<Dependency, State>();
  #changes: readonly HealthChange[] = [];
  #begun = 0;
  /** The newest check that was noted. */
  #noted = 0;

  constructor(parts: HealthHistoryParts) {
    this.#parts = parts;
  }

  /** The changes, the newest first. */
  changes(): readonly HealthChange[] {
    return this.#changes;
  }

  /**
   * A check of readiness begins; what is returned takes what it has found. One that ends behind a check
   * that was begun after it knows only what was, and is not noted.
   */
  begin(): (checks: Readiness["checks"]) => void {
    this.#begun += 1;
    const number = this.#begun;
    return (checks) => {
      if (number < this.#noted) return;
      this.#noted = number;
      this.#note(checks);
    };
  }

  #note(checks: Readiness["checks"]): void {
    const { graph, records, cache, sandbox } = checks;
    this.#noteOne("graph", graph);
    this.#noteOne("records", records);
    this.#noteOne("cache", cache);
    this.#noteOne("sandbox", sandbox);
  }

  #noteOne(dependency: Dependency, check: DependencyCheck): void {
    const { status: to } = check;
    const detail = check.detail ?? null;
    const from = this.#states.get(dependency) ?? "ready";
    this.#states.set(dependency, to);
    if (from === to) return;
    const { clock, log } = this.#parts;
    const time = new Date(clock.now()).toISOString();
    this.#changes = [{ time, dependency, from, to, detail }, ...this.#changes].slice(0, KEPT);
    const level = to === "ready" ? "info" : "warn";
    log.write(level, "dependency_changed", { dependency, from, to, detail });
  }
}
