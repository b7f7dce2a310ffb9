/** The most characters that a token's id (`jti`) may have. */
export const MAX_TOKEN_ID_LENGTH = 256;

/** A token as it is told from others, so that it can be revoked. */
export interface TokenIdentity {
  /** The token's `jti`; see {@link isTokenId}. */
  readonly id: string;
  /** When the token expires by itself, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/**
 * Whether a text can be a token's id: 1 to 256 characters, none of them a control character or half
 * of one, so that it is the same text wherever it is kept.
 */
export function isTokenId(text: unknown): text is string {
  return typeof text === "string" && text.length >= 1 && text.length <= MAX_TOKEN_ID_LENGTH &&
    text.isWellFormed() && !/\p{Cc}/u.test(text);
}
