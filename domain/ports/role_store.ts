import type { Role } from "../identity/role.ts";
import type { StoredRoles } from "../identity/stored_roles.ts";

/** Makes a user's new roles of what is stored; what it throws leaves everything as it was. */
export type DecideRoles = (stored: StoredRoles) => readonly Role[];

/**
 * Keeps the roles that are stored for users, in the place of those that their tokens say.
 *
 * A user is told by exactly the text of a token's `sub`, whatever is in it. `change` reads, decides and
 * writes as one: of two at once, the later decides by what the earlier has left. It resolves to what is
 * stored from then on, once that survives a `kill -9`; what `decide` throws it rejects with. Both
 * reject with `dependency_unavailable` when the store cannot be used, also once it is closed.
 */
export interface RoleStore extends AsyncDisposable {
  /** `null`: nothing is stored for this user, which is not the same as no role. */
  rolesOf(user: string): Promise<readonly Role[] | null>;
  change(user: string, decide: DecideRoles): Promise<readonly Role[]>;
}
