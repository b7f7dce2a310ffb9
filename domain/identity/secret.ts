/** The least length of a signing secret, in bytes of UTF-8: the 256 bits that HS256 wants. */
export const MIN_SECRET_BYTES = 32;

/** Long enough not to stand in a random secret by chance. */
const WEAK_ANYWHERE = ["password", "secret", "changeme", "change-me"];

/** Refused only between separators: a random text may well hold four letters in a row. */
const WEAK_ALONE = ["test", "demo"];

/**
 * Every reason why a signing secret is too weak, empty when there is none.
 *
 * A fault is a phrase that follows the setting's name ("must have ..."). It never carries the
 * secret itself.
 */
export function secretFaults(secret: string): string[] {
  const faults: string[] = [];
  const bytes = new TextEncoder().encode(secret).length;
  if (bytes < MIN_SECRET_BYTES) {
    faults.push(`must have at least ${MIN_SECRET_BYTES} bytes of UTF-8, found ${bytes}`);
  }
  const words = weakWords(secret.toLowerCase());
  if (words.length > 0) {
    faults.push(`must not contain the weak words ${words.map((word) => `'${word}'`).join(", ")}`);
  }
  if (repeatsOnePiece(secret)) faults.push("must not be one piece repeated");
  return faults;
}

function weakWords(lowered: string): string[] {
  const alone = WEAK_ALONE.filter((word) =>
    new RegExp(`(?<![a-z0-9])${word}(?![a-z])`).test(lowered)
  );
  return [...WEAK_ANYWHERE.filter((word) => lowered.includes(word)), ...alone];
}

/** A text that is some piece repeated is found inside its own double before the middle. */
function repeatsOnePiece(text: string): boolean {
  return text.length > 1 && (text + text).indexOf(text, 1) < text.length;
}
