/** Every role a principal can hold, least first. */
export const ROLES = ["viewer", "developer", "admin"] as const;

/** A role a principal can hold. */
export type Role = (typeof ROLES)[number];

/** What a role allows. Only what a shipped route or tool asks for stands here. */
export type Permission = "tools:read" | "tools:execute" | "system:admin";

const GRANTS: { readonly [R in Role]: readonly Permission[] } = {
  viewer: ["tools:read"],
  developer: ["tools:read", "tools:execute"],
  admin: ["tools:read", "tools:execute", "system:admin"],
};

/** The roles that carry a permission, least first. */
export function rolesWith(permission: Permission): readonly Role[] {
  return ROLES.filter((role) => GRANTS[role].includes(permission));
}

/** Whether a string names a role. */
export function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}
