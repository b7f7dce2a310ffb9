import type { DraftCase } from "../../../domain/testing/report.ts";

/** What an unfinished draft of a case is changed to. */
export type Change = Partial<Pick<DraftCase, "state" | "durationSeconds" | "message">>;

/** Cases in the order in which they were heard of first. */
export class DraftCases {
  readonly #cases: DraftCase[] = [];
  readonly #begunAt = new Map<number, number>();

  /** All of them. */
  all(): readonly DraftCase[] {
    return this.#cases;
  }

  /** Adds one that was found; its number. */
  find(name: string, file: string | null, line: number | null): number {
    const nothing = { state: "found", durationSeconds: null, message: null } as const;
    return this.#cases.push({ name, file, line, ...nothing }) - 1;
  }

  /** A case by its number. */
  at(number: number): DraftCase | undefined {
    return this.#cases[number];
  }

  /** The first from a number on that fits. */
  next(fits: (known: DraftCase) => boolean, from = 0): number | null {
    for (let number = from; number < this.#cases.length; number += 1) {
      const known = this.#cases[number];
      if (known !== undefined && fits(known)) return number;
    }
    return null;
  }

  /** One begins. */
  begin(number: number, at: number): void {
    this.#begunAt.set(number, at);
    this.change(number, { state: "begun" });
  }

  /** One has ended; how long it took is known where it is known when it began. */
  end(number: number, at: number, change: Change): void {
    const begunAt = this.#begunAt.get(number);
    const durationSeconds = begunAt === undefined ? 0 : Math.max(0, at - begunAt);
    this.change(number, { durationSeconds: Math.round(durationSeconds * 1e4) / 1e4, ...change });
  }

  /** Says more of one. */
  change(number: number, change: Change): void {
    const known = this.#cases[number];
    if (known !== undefined) this.#cases[number] = { ...known, ...change };
  }
}
