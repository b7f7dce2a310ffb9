import {
  DEFAULT_LIMITS,
  type ExecutionLimits,
  LIMIT_NAMES,
  type LimitName,
  type RequestedLimits,
  resolveLimits,
} from "../execution/limits.ts";
import { NO_FILES } from "../execution/files.ts";
import { type ExecutionOutcome, type Outcome, OUTCOMES } from "../execution/outcome.ts";
import type { ExecutionRequest } from "../execution/request.ts";
import type { Language } from "../execution/language.ts";

/** A program that tries one way past the sandbox, and how its run must end when the walls hold. */
export interface Attack {
  /** Its file below the folder of attacks: `network/ipv4.py`. */
  readonly name: string;
  readonly language: Language;
  readonly code: string;
  /** What it does, as the rest of a sentence that begins "It tries". */
  readonly tries: string;
  /** The layer that refuses it, by its name in receipts, or `runner`: the sandbox's own conduct. */
  readonly layer: string;
  /** Every way in which its run may end; `ok` unless the program says otherwise. */
  readonly outcomes: readonly Outcome[];
  /** The limit that the answer must name; `null` when it need name none. */
  readonly limit: LimitName | null;
  /** The limits that it asks for. */
  readonly limits: RequestedLimits;
  /** How many runs it takes, one after the other: later ones look for what earlier ones left. */
  readonly runs: number;
  /** How many runs it takes at one time: each looks for the others. */
  readonly atOnce: number;
}

/** What a program prints, at the beginning of a line, when it got what it should not have. */
const BREACH = /^BREACH: .*$/m;
const HEADER = /^(?:#|\/\/) ([a-z-]+): (.+)$/;
const NAMES = ["tries", "layer", "outcome", "limit", "limits", "runs", "at-once"] as const;
const LANGUAGES: Readonly<Record<string, Language>> = {
  py: "python",
  js: "javascript",
  sh: "bash",
};

/**
 * The attack in a file. It begins with comment lines of the form `# name: value` (`//` in JavaScript):
 * `tries` and `layer` always; `outcome` (alternatives parted by `|`), `limit`, `limits`
 * (`timeout_seconds=1 processes=8`), `runs` and `at-once` where they are not the usual.
 *
 * @throws {Error} naming the file and what is wrong in its header.
 */
export function parseAttack(name: string, code: string): Attack {
  const fail = (what: string): never => {
    throw new Error(`Cannot read the attack '${name}': ${what}`);
  };
  const headers = readHeaders(code, fail);
  const required = (header: "tries" | "layer") =>
    headers.get(header) ?? fail(`the header '${header}' is missing`);
  const oneOf = <T extends string>(known: readonly T[], text: string): T =>
    known.find((word) => word === text) ?? fail(`'${text}' is none of ${known.join(", ")}`);
  const count = (text: string) =>
    /^[1-9]\d?$/.test(text) ? Number(text) : fail(`'${text}' is no number from 1 to 99`);
  const limit = headers.get("limit");
  return {
    name,
    code,
    language: LANGUAGES[name.slice(name.lastIndexOf(".") + 1)] ??
      fail("it ends in none of .py, .js, .sh"),
    tries: required("tries"),
    layer: required("layer"),
    outcomes: (headers.get("outcome") ?? "ok").split("|").map((text) => oneOf(OUTCOMES, text)),
    limit: limit === undefined ? null : oneOf(LIMIT_NAMES, limit),
    limits: readLimits(headers.get("limits") ?? "", fail),
    runs: count(headers.get("runs") ?? "1"),
    atOnce: count(headers.get("at-once") ?? "1"),
  };
}

function readHeaders(code: string, fail: (what: string) => never): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of code.split("\n")) {
    const [, name = "", value = ""] = HEADER.exec(line) ?? [];
    if (name === "") break;
    if (!NAMES.some((known) => known === name)) fail(`there is no header '${name}'`);
    if (found.has(name)) fail(`the header '${name}' stands twice`);
    found.set(name, value);
  }
  return found;
}

function readLimits(text: string, fail: (what: string) => never): RequestedLimits {
  const pairs = text.split(" ").filter((word) => word !== "").map((word) => {
    const [, name = "", value = ""] = /^([a-z_]+)=(\d+(?:\.\d+)?)$/.exec(word) ?? [];
    const key = name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (!Object.hasOwn(DEFAULT_LIMITS, key)) fail(`'${word}' sets no limit`);
    return [key, Number(value)] as const;
  });
  return Object.fromEntries(pairs);
}

/** The limit that an attack asks for above an operator's ceiling, as a sentence; `null` when none. */
export function lackOf({ limits }: Attack, ceilings: ExecutionLimits): string | null {
  const keys = Object.keys(limits) as (keyof ExecutionLimits)[];
  const lacking = keys.find((key) => (limits[key] ?? 0) > ceilings[key]);
  if (lacking === undefined) return null;
  return `it needs ${lacking} ${limits[lacking]}, the ceiling is ${ceilings[lacking]}`;
}

/** The request for one run of an attack. What it does not ask for itself keeps to the ceilings. */
export function requestOf(attack: Attack, ceilings: ExecutionLimits): ExecutionRequest {
  const limits = resolveLimits(attack.limits, ceilings);
  const { language, code } = attack;
  return { language, code, stdin: "", args: [], environment: {}, ...NO_FILES, limits };
}

/** What an attack's run got that it should not have; `null` when it was held. */
export function judgeAttack(attack: Attack, ended: ExecutionOutcome): string | null {
  const breach = BREACH.exec(ended.stdout)?.[0];
  if (breach !== undefined) return breach.slice("BREACH: ".length);
  if (!attack.outcomes.includes(ended.outcome)) {
    const words = ended.stderr.trim().split("\n").at(-1)?.slice(0, 200) ?? "";
    const last = words === "" ? "" : `: ${words}`;
    return `it ended with '${ended.outcome}', not '${attack.outcomes.join("' or '")}'${last}`;
  }
  if (attack.limit !== null && ended.limit !== attack.limit) {
    return `the answer names the limit '${ended.limit ?? "none"}', not '${attack.limit}'`;
  }
  return null;
}
