import { DomainError } from "../errors.ts";
import { type Permission, type Role, rolesWith } from "./role.ts";
import type { TokenIdentity } from "./token_id.ts";

/** Who asks, as a verified token says. */
export interface Principal {
  /** The token's `sub`: 1 to 256 characters. */
  readonly subject: string;
  readonly roles: readonly Role[];
  /** The token that says so, where it has an id. */
  readonly token?: TokenIdentity;
}

/** Whether any of the principal's roles carries the permission. */
export function isAllowed(principal: Principal, permission: Permission): boolean {
  return principal.roles.some((role) => rolesWith(permission).includes(role));
}

/** @throws {DomainError} `forbidden`, with the roles found and those expected. */
export function requirePermission(principal: Principal, permission: Permission): void {
  if (isAllowed(principal, permission)) return;
  throw new DomainError({
    code: "forbidden",
    permission,
    found: principal.roles,
    expected: rolesWith(permission),
  });
}
