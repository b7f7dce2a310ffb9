import type { DraftCase, ReportDraft } from "../../../domain/testing/report.ts";
import { DraftCases } from "./draft.ts";
import { type HarnessWords, lineOrNull, textOrNull, wordsOf } from "./frames.ts";

const ENDED = new Set<unknown>(["passed", "failed", "error", "skipped", "xfailed", "xpassed"]);

/** Exit codes for a fault of pytest's own, and for options or settings that it cannot use. */
const OWN_FAULTS: ReadonlySet<number> = new Set([3, 4]);

const DOUBT = "Something that is no report came where only pytest's may: none of it is believed.";

/** What `pytest_side.py` told; `unavailable`: why there is no pytest. */
export function pytestReport(
  harness: HarnessWords,
): ReportDraft & { readonly unavailable: string | null } {
  const heard = new Heard();
  for (const { at, text } of harness.told) heard.hear(wordsOf(text) ?? [], at);
  const doubt = harness.isDoubtful ? DOUBT : heard.doubt;
  const { finished, fault, unavailable } = heard;
  return { cases: heard.cases.all(), finished, fault, doubt, unavailable };
}

/** What was heard so far. Whatever does not follow from what was heard before speaks against all of it. */
class Heard {
  readonly cases = new DraftCases();
  finished: number | null = null;
  fault: string | null = null;
  doubt: string | null = null;
  unavailable: string | null = null;
  #numbers = new Map<string, number>();
  #running: number | null = null;

  hear([kind, ...words]: readonly unknown[], at: number): void {
    if (this.finished !== null || this.unavailable !== null) return this.#wonder();
    if (kind === "unavailable") this.unavailable = String(words[0]);
    else if (kind === "found") this.#find(words);
    else if (kind === "apart") this.#hearApart(words, at);
    else if (kind === "begun") this.#begin(words, at);
    else if (kind === "ended") this.#end(words, at);
    else if (kind === "fault" || kind === "interrupted") this.fault = textOrNull(words[0]);
    else if (kind === "finished") this.#finish(Number(words[0]));
    else this.#wonder();
  }

  #find([name, file, line]: readonly unknown[]): number {
    const found = [textOrNull(name) ?? "", textOrNull(file)] as const;
    const number = this.cases.find(...found, lineOrNull(line));
    this.#numbers.set(JSON.stringify(found), number);
    return number;
  }

  /** A file that was not read has no tests that could be found. */
  #hearApart(words: readonly unknown[], at: number): void {
    const [name, file, line, state, message] = words;
    if (!ENDED.has(state) || state === "passed") return this.#wonder();
    const number = this.#find([name, file, line]);
    this.cases.end(number, at, {
      state: state as DraftCase["state"],
      message: textOrNull(message),
      durationSeconds: null,
    });
  }

  #begin([name, file, line]: readonly unknown[], at: number): void {
    if (this.#running !== null) this.#wonder();
    const key = JSON.stringify([textOrNull(name) ?? "", textOrNull(file)]);
    this.#running = this.#numbers.get(key) ?? this.#find([name, file, line]);
    this.cases.begin(this.#running, at);
  }

  #end([state, message]: readonly unknown[], at: number): void {
    if (this.#running === null || !ENDED.has(state)) return this.#wonder();
    this.cases.end(this.#running, at, {
      state: state as DraftCase["state"],
      message: textOrNull(message),
    });
    this.#running = null;
  }

  #finish(code: number): void {
    this.finished = code;
    if (OWN_FAULTS.has(code)) this.fault ??= `pytest ended with exit code ${code}: see stderr.`;
  }

  #wonder(): void {
    this.doubt ??= "What pytest told of its tests does not fit together: none of it is believed.";
  }
}
