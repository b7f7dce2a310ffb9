import type { CryptoKey } from "jose";
import { DomainError } from "../../domain/errors.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { Log } from "../../domain/ports/log.ts";
import { type Decoy, type DecoyChooser, decoyChooser } from "./decoys.ts";
import { type KeyChooser, keyChooser, PUBLIC_KEY_ALGORITHMS } from "./key_chooser.ts";
import type { JsonObject } from "./strict_json.ts";
import type { TokenKeys } from "./token_keys.ts";

/** Keys older than this are fetched again. */
export const MAX_AGE_MS = 10 * 60_000;
/** The least time between two fetches, whatever tokens ask for. */
export const COOLDOWN_MS = 30_000;
/** The same while no keys are known and so no token can be judged. */
export const RETRY_MS = 2_000;
/** How long a fetch is waited for, from its beginning, while other keys are known. */
export const PATIENCE_MS = 200;

/** What a {@link KeySet} works with. */
export interface KeySetOptions {
  /** Fetches the issuer's key set, parsed; rejects when that fails. */
  readonly fetchKeys: () => Promise<unknown>;
  readonly clock: Clock;
  readonly log: Log;
  /** Resolves after so many milliseconds, or once `signal` is aborted; never rejects. */
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/**
 * The keys of an issuer, fetched when first needed, when ten minutes old, and when a token names a
 * key that is not known, but never more than once in 30 s.
 *
 * Once keys are known, a fetch goes on behind the requests: those that come within its first 200 ms
 * wait for it until then, the others not at all. So an issuer that hangs costs nobody more than that,
 * and one that answers in time is heard before a token is judged by keys that are old. While it is
 * known to be away, or sends nonsense, only tokens of an unknown key wait that long, and the keys
 * known last go on being used: an issuer that wants a key gone has to be there to say so.
 */
export class KeySet implements TokenKeys {
  readonly algorithms = PUBLIC_KEY_ALGORITHMS;
  readonly types = ["jwt", "at+jwt"];
  readonly #options: KeySetOptions;
  #choose: KeyChooser | null = null;
  #chooseDecoy: DecoyChooser = () => null;
  #text = "";
  #generation = 0;
  #fetchedAt = -Infinity;
  #triedAt = -Infinity;
  #isAway = false;
  #fetching: Promise<void> | null = null;
  /** Ends with what is being fetched, or with the patience for it. */
  #waiting: Promise<void> | null = null;

  constructor(options: KeySetOptions) {
    this.#options = options;
  }

  get generation(): number {
    return this.#generation;
  }

  whenFresh(): Promise<void> | null {
    const isDue = this.#options.clock.monotonic() >= this.#fetchedAt + MAX_AGE_MS;
    const waiting = isDue ? this.#fetchSometimes() : null;
    return this.#isAway && this.#choose !== null ? null : waiting;
  }

  async find(header: JsonObject): Promise<CryptoKey | null> {
    await this.whenFresh();
    const key = await this.#known(header);
    if (key !== null || header["kid"] === undefined) return key;
    // Without a key of this name, or of this kind under it, the issuer may have a new one.
    await this.#fetchSometimes();
    return await this.#known(header);
  }

  decoyFor(header: JsonObject): Decoy | null {
    return this.#chooseDecoy(header);
  }

  #known(header: JsonObject): Promise<CryptoKey | null> {
    if (this.#choose === null) throw noKeys();
    return this.#choose(header);
  }

  /** Fetches anew where that is allowed again; what is to be waited for, `null` for nothing. */
  #fetchSometimes(): Promise<void> | null {
    const now = this.#options.clock.monotonic();
    const wait = this.#choose === null ? RETRY_MS : COOLDOWN_MS;
    if (this.#fetching === null && now >= this.#triedAt + wait) {
      this.#triedAt = now;
      this.#fetching = this.#fetch().finally(() => this.#fetching = null);
      this.#waiting = this.#forAWhile(this.#fetching);
    }
    return this.#choose === null ? this.#fetching : this.#waiting;
  }

  async #forAWhile(fetching: Promise<void>): Promise<void> {
    const { sleep = slept } = this.#options;
    const ended = new AbortController();
    await Promise.race([fetching, sleep(PATIENCE_MS, ended.signal)]);
    ended.abort();
  }

  async #fetch(): Promise<void> {
    const { fetchKeys, clock, log } = this.#options;
    try {
      const jwks = await fetchKeys();
      const choose = keyChooser(jwks);
      const chooseDecoy = await decoyChooser(jwks);
      const text = JSON.stringify(jwks);
      if (text !== this.#text) this.#generation += 1;
      this.#choose = choose;
      this.#chooseDecoy = chooseDecoy;
      this.#text = text;
      this.#fetchedAt = clock.monotonic();
      this.#isAway = false;
    } catch (error) {
      this.#isAway = true;
      const reason = error instanceof Error ? error.message : String(error);
      log.write("warn", "jwks_failed", { reason, keys_known: this.#choose !== null });
    }
  }
}

function slept(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function noKeys(): DomainError {
  return new DomainError({
    code: "dependency_unavailable",
    dependency: "the issuer's keys",
    reason: "they could not be fetched yet, and without them no token can be judged",
    remedy: "Check JWKS_URL and the log of the service",
    retryAfterSeconds: RETRY_MS / 1000,
  });
}
