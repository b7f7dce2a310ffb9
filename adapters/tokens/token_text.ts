import { type JsonObject, parseStrictObject } from "./strict_json.ts";

/** The longest token that is looked at; ours have some 400 characters. */
export const MAX_TOKEN_LENGTH = 8192;

/** How deep a token's header and claims may be nested. */
export const MAX_NESTING = 8;

/** The parts of a token that are known before its signature is checked. */
export interface TokenText {
  readonly header: JsonObject;
  /** The claims as they were sent: not to be believed before the signature is checked. */
  readonly claims: Uint8Array;
}

/**
 * The parts of a signed token in its compact form; `null` when a text is none.
 *
 * Each part has to be base64url in its one canonical form, without padding and without bits to
 * spare, so that no second text is the same token.
 */
export function readToken(text: string): TokenText | null {
  if (text.length > MAX_TOKEN_LENGTH) return null;
  const parts = text.split(".");
  const [header, claims, signature] = parts.map(decodedPart);
  if (parts.length !== 3 || !header || !claims || !signature) return null;
  try {
    return { header: parseStrictObject(header, MAX_NESTING), claims };
  } catch {
    return null;
  }
}

function decodedPart(part: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]+$/.test(part)) return null;
  try {
    // "strict" refuses a last character with bits to spare, and wants the padding.
    const padded = part.padEnd(Math.ceil(part.length / 4) * 4, "=");
    return Uint8Array.fromBase64(padded, { alphabet: "base64url", lastChunkHandling: "strict" });
  } catch {
    return null;
  }
}
