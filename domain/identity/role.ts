/** Every role a principal can hold, least first. */
export const ROLES = ["viewer", "developer", "admin"] as const;

/** A role a principal can hold. */
export type Role = (typeof ROLES)[number];

const VIEWER = ["tools:read", "tools:lint", "graph:query"] as const;
const DEVELOPER = ["tools:execute", "tools:test", "tools:generate", "graph:upsert"] as const;
const ADMIN = ["graph:delete", "system:admin"] as const;

/** Every permission there is. */
export const PERMISSIONS = [...VIEWER, ...DEVELOPER, ...ADMIN] as const;

/** What a role allows. */
export type Permission = (typeof PERMISSIONS)[number];

const GRANTS: { readonly [R in Role]: readonly Permission[] } = {
  viewer: VIEWER,
  developer: [...VIEWER, ...DEVELOPER],
  admin: PERMISSIONS,
};

/** The roles that carry a permission, least first. */
export function rolesWith(permission: Permission): readonly Role[] {
  return ROLES.filter((role) => GRANTS[role].includes(permission));
}

/** Each role that is named, once and least first. */
export function inOrder(roles: readonly Role[]): readonly Role[] {
  return ROLES.filter((role) => roles.includes(role));
}

/** Whether a string names a role. */
export function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}
