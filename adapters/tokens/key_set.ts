import type { CryptoKey } from "jose";
import { DomainError } from "../../domain/errors.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { Log } from "../../domain/ports/log.ts";
import type { JsonObject } from "./strict_json.ts";
import {
  type KeyChooser,
  keyChooser,
  PUBLIC_KEY_ALGORITHMS,
  type TokenKeys,
} from "./token_keys.ts";

/** Keys older than this are fetched again before a token is judged by them. */
export const MAX_AGE_MS = 10 * 60_000;
/** The least time between two fetches, whatever tokens ask for. */
export const COOLDOWN_MS = 30_000;
/** The same while no keys are known and so no token can be judged. */
export const RETRY_MS = 2_000;

/** What a {@link KeySet} works with. */
export interface KeySetOptions {
  /** Fetches the issuer's key set, parsed; rejects when that fails. */
  readonly fetchKeys: () => Promise<unknown>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The keys of an issuer, fetched when first needed, when ten minutes old, and when a token names a
 * key that is not known, but never more than once in 30 s.
 *
 * While the issuer is away, or sends nonsense, the keys known last go on being used, and nobody waits
 * for it: an issuer that wants a key gone has to be there to say so.
 */
export class KeySet implements TokenKeys {
  readonly algorithms = PUBLIC_KEY_ALGORITHMS;
  readonly types = ["jwt", "at+jwt"];
  readonly #options: KeySetOptions;
  #choose: KeyChooser | null = null;
  #text = "";
  #generation = 0;
  #fetchedAt = -Infinity;
  #triedAt = -Infinity;
  #isAway = false;
  #fetching: Promise<void> | null = null;

  constructor(options: KeySetOptions) {
    this.#options = options;
  }

  get generation(): number {
    return this.#generation;
  }

  whenFresh(): Promise<void> | null {
    const isDue = this.#options.clock.monotonic() >= this.#fetchedAt + MAX_AGE_MS;
    const fetching = isDue ? this.#fetchSometimes() : null;
    return this.#isAway && this.#choose !== null ? null : fetching;
  }

  async find(header: JsonObject): Promise<CryptoKey | null> {
    await this.whenFresh();
    const key = await this.#known(header);
    if (key !== null || header["kid"] === undefined) return key;
    // Without a key of this name, or of this kind under it, the issuer may have a new one.
    await this.#fetchSometimes();
    return await this.#known(header);
  }

  #known(header: JsonObject): Promise<CryptoKey | null> {
    if (this.#choose === null) throw noKeys();
    return this.#choose(header);
  }

  /** What is being fetched, fetching anew where that is allowed again; `null` where it is not. */
  #fetchSometimes(): Promise<void> | null {
    const now = this.#options.clock.monotonic();
    const wait = this.#choose === null ? RETRY_MS : COOLDOWN_MS;
    if (this.#fetching === null && now >= this.#triedAt + wait) {
      this.#triedAt = now;
      this.#fetching = this.#fetch().finally(() => this.#fetching = null);
    }
    return this.#fetching;
  }

  async #fetch(): Promise<void> {
    const { fetchKeys, clock, log } = this.#options;
    try {
      const jwks = await fetchKeys();
      const choose = keyChooser(jwks);
      const text = JSON.stringify(jwks);
      if (text !== this.#text) this.#generation += 1;
      this.#choose = choose;
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

function noKeys(): DomainError {
  return new DomainError({
    code: "dependency_unavailable",
    dependency: "the issuer's keys",
    reason: "they could not be fetched yet, and without them no token can be judged",
    remedy: "Check JWKS_URL and the log of the service",
    retryAfterSeconds: RETRY_MS / 1000,
  });
}
