import { requirePermission } from "../domain/identity/principal.ts";
import type { Role } from "../domain/identity/role.ts";
import { changedRoles, type RolesChange } from "../domain/identity/stored_roles.ts";
import type { RoleStore } from "../domain/ports/role_store.ts";
import { actorOf, type Audit } from "./audit_trail.ts";
import type { RequestContext } from "./request_context.ts";

/** The roles of a user, and where they stand. */
export interface UserRoles {
  /** A token's `sub`. */
  readonly user: string;
  readonly roles: readonly Role[];
  /**
   * `stored`: kept here, whatever a token says. `token`: nothing is stored, so those of the token that
   * asks. `unknown`: nothing is stored, and the token is somebody else's; no roles are told then.
   */
  readonly source: "stored" | "token" | "unknown";
}

/** A request to change a user's roles, already checked for its shape. */
export type ChangeUserRoles = Pick<RolesChange, "user" | "kind" | "roles">;

/** What reading and changing roles works with. */
export interface UserRolesParts {
  readonly roles: RoleStore;
  readonly audit: Audit;
}

/**
 * The roles of a user, for an admin or the user. The audit is told of an admin's look at another's
 * before it is answered.
 *
 * @throws {DomainError} `forbidden`, `dependency_unavailable`.
 */
export async function getUserRoles(
  { roles: store, audit }: UserRolesParts,
  user: string,
  context: RequestContext,
): Promise<UserRoles> {
  const { principal } = context;
  const oneself = user === principal.subject;
  if (!oneself) requirePermission(principal, "system:admin");
  const stored = await store.rolesOf(user);
  if (!oneself) {
    const details = { resource: "roles", owner: user, id: null } as const;
    await audit.record({ type: "data_accessed", details }, actorOf(context));
  }
  if (stored !== null) return { user, roles: stored, source: "stored" };
  return oneself
    ? { user, roles: principal.roles, source: "token" }
    : { user, roles: [], source: "unknown" };
}

/**
 * Stores roles for a user, in the place of those that the user's tokens say; the audit is told before
 * it is answered. A change that it cannot be told of stands, and is answered as a failure.
 *
 * @throws {DomainError} `forbidden`, `last_admin`, `dependency_unavailable`.
 */
export async function changeUserRoles(
  { roles: store, audit }: UserRolesParts,
  command: ChangeUserRoles,
  context: RequestContext,
): Promise<UserRoles> {
  requirePermission(context.principal, "system:admin");
  const { user } = command;
  const change = { ...command, by: context.principal };
  let before: readonly Role[] | null = null;
  const roles = await store.change(user, (stored) => {
    before = stored.roles;
    return changedRoles(change, stored);
  });
  const details = { subject: user, before, after: roles };
  await audit.record({ type: "role_changed", details }, actorOf(context));
  return { user, roles, source: "stored" };
}
