import { DomainError } from "../errors.ts";
import type { Principal } from "./principal.ts";
import { inOrder, type Role } from "./role.ts";

/** What is stored about the roles of one user, as a change finds it. */
export interface StoredRoles {
  /** `null`: nothing is stored, so that the claims of a token count. */
  readonly roles: readonly Role[] | null;
  /** Whether another user is stored as admin. */
  readonly otherAdmin: boolean;
}

/** A change of one user's stored roles. */
export interface RolesChange {
  readonly user: string;
  /** Who asks for it, an admin. */
  readonly by: Principal;
  /** `replace`: these and no others; `add`: these too. */
  readonly kind: "replace" | "add";
  readonly roles: readonly Role[];
}

/**
 * The roles that a change leaves stored, each once and least first.
 *
 * Nobody can know every token that says `admin`, so only two admins are known: those stored, and who
 * asks. Neither is taken the role from unless another user is stored as admin: once one is, one
 * remains, and an admin by token alone cannot lock himself out.
 *
 * To add to a user of whom nothing is stored adds to nothing, not to what a token says.
 *
 * @throws {DomainError} `last_admin`.
 */
export function changedRoles(change: RolesChange, stored: StoredRoles): readonly Role[] {
  const before = stored.roles ?? [];
  const after = inOrder(change.kind === "add" ? [...before, ...change.roles] : change.roles);
  const isAdmin = before.includes("admin") || change.user === change.by.subject;
  if (isAdmin && !after.includes("admin") && !stored.otherAdmin) {
    throw new DomainError({ code: "last_admin", user: change.user });
  }
  return after;
}
