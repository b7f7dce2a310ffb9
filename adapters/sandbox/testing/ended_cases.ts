import type { CaseOutcome } from "../../../domain/testing/report.ts";
import { readHarness, wordsOf } from "./frames.ts";
import { readTap, shownName } from "./tap.ts";

/** Hears of each test that has ended, while the others still run. */
export type HeardEnd = (name: string, outcome: CaseOutcome) => void;

const VERDICTS = {
  passed: "passed",
  failed: "failed",
  skipped: "skipped",
  cancelled: null,
} as const;

/** Finds the ends of tests in what the harness writes, piece by piece. */
export class EndedCases {
  readonly #heard: HeardEnd;
  #rest = "";
  /** The name of the one that pytest runs. */
  #running = "";

  constructor(heard: HeardEnd) {
    this.#heard = heard;
  }

  /** Takes the next piece, cut anywhere. */
  hear(text: string): void {
    const end = text.lastIndexOf("\n") + 1;
    const whole = this.#rest + text.slice(0, end);
    this.#rest = end === 0 ? this.#rest + text : text.slice(end);
    if (end === 0) return;
    const { told, lines } = readHarness(whole);
    for (const one of told) this.#hearTold(wordsOf(one.text) ?? []);
    for (const { name, verdict } of readTap(lines).results) {
      const outcome = VERDICTS[verdict];
      if (outcome !== null) this.#heard(shownName(name), outcome);
    }
  }

  #hearTold([kind, word]: readonly unknown[]): void {
    if (kind === "begun") this.#running = String(word);
    if (kind === "ended") this.#heard(this.#running, word as CaseOutcome);
  }
}
