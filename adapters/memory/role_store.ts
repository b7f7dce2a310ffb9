import { DomainError } from "../../domain/errors.ts";
import type { Role } from "../../domain/identity/role.ts";
import type { DecideRoles, RoleStore } from "../../domain/ports/role_store.ts";

/** Keeps roles in a map until it is closed. For tests: nothing outlives it. */
export class MemoryRoleStore implements RoleStore {
  readonly #roles = new Map<string, readonly Role[]>();
  #closed = false;

  async rolesOf(user: string): Promise<readonly Role[] | null> {
    await this.#open();
    return this.#roles.get(user) ?? null;
  }

  async change(user: string, decide: DecideRoles): Promise<readonly Role[]> {
    await this.#open();
    const otherAdmin = this.#roles.entries()
      .some(([other, roles]) => other !== user && roles.includes("admin"));
    const roles = [...decide({ roles: this.#roles.get(user) ?? null, otherAdmin })];
    this.#roles.set(user, roles);
    return roles;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#roles.clear();
    return Promise.resolve();
  }

  #open(): Promise<void> {
    if (!this.#closed) return Promise.resolve();
    return Promise.reject(
      new DomainError({
        code: "dependency_unavailable",
        dependency: "roles",
        reason: "the store is closed",
        remedy: null,
        retryAfterSeconds: 1,
      }),
    );
  }
}
