import type { Principal } from "../../domain/identity/principal.ts";
import type { Role } from "../../domain/identity/role.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { DecideRoles, RoleStore } from "../../domain/ports/role_store.ts";
import type { TokenVerifier } from "../../domain/ports/token_verifier.ts";

/** How long what was read is used, in milliseconds: half of the minute in which a change is seen. */
const KEPT_MS = 30_000;

/** Users whose roles are remembered. */
const MOST_KEPT = 10_000;

interface Kept {
  readonly roles: readonly Role[] | null;
  readonly until: number;
}

/**
 * A role store that remembers for 30 s what it read, and forgets a user whom it changes: a change is
 * seen at once through this one, and within 30 s through others over the same database.
 */
export class RememberedRoles implements RoleStore {
  readonly #store: RoleStore;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #kept = new Map<string, Kept>();
  /** Changes that have ended: what was read before the last of them may be old. */
  #changes = 0;

  constructor(store: RoleStore, clock: Pick<Clock, "monotonic">) {
    this.#store = store;
    this.#clock = clock;
  }

  async rolesOf(user: string): Promise<readonly Role[] | null> {
    const now = this.#clock.monotonic();
    const kept = this.#kept.get(user);
    if (kept !== undefined && now < kept.until) return kept.roles;
    const changes = this.#changes;
    const roles = await this.#store.rolesOf(user);
    if (changes === this.#changes) this.#keep(user, { roles, until: now + KEPT_MS });
    return roles;
  }

  async change(user: string, decide: DecideRoles): Promise<readonly Role[]> {
    try {
      return await this.#store.change(user, decide);
    } finally {
      // Also of a change that failed it is not known what it has left.
      this.#changes += 1;
      this.#kept.delete(user);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kept.clear();
    await this.#store[Symbol.asyncDispose]();
  }

  #keep(user: string, kept: Kept): void {
    this.#kept.delete(user);
    this.#kept.set(user, kept);
    if (this.#kept.size <= MOST_KEPT) return;
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined) this.#kept.delete(oldest);
  }
}

/**
 * Gives whoever a token speaks for the roles that are stored, where any are; else those of the token.
 *
 * Rejects with `dependency_unavailable` when that cannot be read: to go by the token then would give
 * back roles that were taken away.
 */
export function withStoredRoles(
  tokens: TokenVerifier,
  store: Pick<RoleStore, "rolesOf">,
): TokenVerifier {
  return {
    async verify(token: string): Promise<Principal> {
      const principal = await tokens.verify(token);
      const roles = await store.rolesOf(principal.subject);
      return roles === null ? principal : { ...principal, roles };
    },
  };
}
