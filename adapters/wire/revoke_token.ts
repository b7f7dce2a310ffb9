import { z } from "@hono/zod-openapi";
import { isTokenId, MAX_TOKEN_ID_LENGTH } from "../../domain/identity/token_id.ts";

/** What `POST /api/v1/tokens/revoke` takes. */
export const revokeTokenSchema = z.strictObject({
  jti: z.string().refine(isTokenId, {
    error: `1 to ${MAX_TOKEN_ID_LENGTH} characters without control characters`,
  }).meta({
    description: "The token's `jti`.",
    minLength: 1,
    maxLength: MAX_TOKEN_ID_LENGTH,
  }),
  expires_at: z.iso.datetime({ error: "a time such as 2026-01-01T00:00:00Z" }).optional().meta({
    description: "When the token expires by itself (its `exp`): its revocation is kept no longer " +
      "than that and a day. Without it, for good. Not needed for one's own token.",
  }),
}).openapi("RevokeToken");

/** The use case's command of a body. */
export function revokeTokenCommand(
  { jti, expires_at }: z.output<typeof revokeTokenSchema>,
): { readonly tokenId: string; readonly expiresAt: number | null } {
  return { tokenId: jti, expiresAt: expires_at === undefined ? null : Date.parse(expires_at) };
}
