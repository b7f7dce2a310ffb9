import { MAX_FINDINGS, type PolicyFinding, type PolicyRule, type Report } from "./finding.ts";
import { messageOf } from "./rules.ts";
import type { Work } from "./work.ts";

interface Told {
  readonly rule: PolicyRule;
  readonly at: number;
  readonly subject: string;
}

/** Findings kept while more come; the first in the text are told in the end. */
const MAX_KEPT = 10 * MAX_FINDINGS;
/** UTF-16 units that are counted for one of work. */
const UNITS_COUNTED = 64;
const COUNTED_AT_ONCE = 65_536;

/** Keeps what was found, each once. */
export class Findings {
  #told = new Map<string, Told>();

  /** Takes what breaks a rule. */
  readonly report: Report = (rule, at, subject) => {
    // That something was not followed is said once, whatever else there is of it.
    const key = rule === "too-complex" ? rule : `${at} ${rule}`;
    if (this.#told.has(key)) return;
    this.#told.set(key, { rule, at, subject });
    if (this.#told.size > MAX_KEPT) this.#told = new Map(this.#first());
  };

  /** The first in the order of the text, with their places. Yields where others should have a turn. */
  *placed(text: string, work: Work): Generator<void, readonly PolicyFinding[]> {
    const place = new TextPlace(text, work);
    const all: PolicyFinding[] = [];
    for (const [, { rule, at, subject }] of this.#first()) {
      yield* place.goTo(at);
      const { line, column } = place;
      all.push({ rule, line, column, message: messageOf(rule, subject) });
    }
    return all;
  }

  #first(): [string, Told][] {
    return [...this.#told].sort(([, left], [, right]) => left.at - right.at).slice(0, MAX_FINDINGS);
  }
}

/** A place that goes forward through a text: nothing is counted twice. */
class TextPlace {
  readonly #text: string;
  readonly #work: Work;
  #at = 0;
  line = 1;
  column = 1;

  constructor(text: string, work: Work) {
    this.#text = text;
    this.#work = work;
  }

  *goTo(at: number): Generator<void, void> {
    while (this.#at < at) {
      const from = this.#at;
      this.#count(Math.min(at, from + COUNTED_AT_ONCE));
      this.#work.spend((this.#at - from) / UNITS_COUNTED);
      if (this.#work.isDue) yield;
    }
  }

  #count(end: number): void {
    while (this.#at < end) {
      const unit = this.#text.codePointAt(this.#at) ?? 0;
      this.#at += unit > 0xffff ? 2 : 1;
      this.column = unit === NEWLINE ? 1 : this.column + 1;
      if (unit === NEWLINE) this.line += 1;
    }
  }
}

const NEWLINE = 10;
