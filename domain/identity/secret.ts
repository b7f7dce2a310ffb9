import { alphabetBits, measuredBits, repeatedShare, sequentialShare } from "./secret_measure.ts";

/** The least length of a signing secret, in bytes of UTF-8: the 256 bits that HS256 wants. */
export const MIN_SECRET_BYTES = 32;
/** The least that {@link measuredBits} has to find in one. */
export const MIN_SECRET_BITS = 256;

/** Long enough not to stand in a random secret by chance. */
const WEAK_ANYWHERE = [
  "password",
  "passphrase",
  "passwort",
  "secret",
  "changeme",
  "change-me",
  "change_me",
  "replace-me",
  "replaceme",
  "letmein",
  "default",
  "example",
  "insecure",
  "placeholder",
  "supersecure",
  // How the first parts of tokens begin: {"alg":" and {"typ":"
  "eyjhbgcioi",
  "eyj0exaioi",
];

/** Refused only between separators and in one case: a random text may well hold four such letters. */
const WEAK_ALONE = ["test", "demo", "admin"];

/** A shorter word with some of its letters free would stand in random secrets by chance. */
const MIN_DISGUISED_LENGTH = 7;
/** How letters are commonly disguised. */
const DISGUISES: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "l",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  "$": "s",
};

/** The share of a secret that may lie in sequences, or in pieces seen before: chance makes some. */
const PATTERN_SHARE = 0.4;

/**
 * Every reason why a signing secret is too weak, empty when there is none.
 *
 * A fault is a phrase that follows the setting's name ("must have ..."). It never carries the
 * secret itself. What 32 random bytes make, as hex or as base64, has none, but for odds below 1 in
 * 1,000,000.
 */
export function secretFaults(secret: string): string[] {
  const faults: string[] = [];
  const bytes = new TextEncoder().encode(secret).length;
  if (bytes < MIN_SECRET_BYTES) {
    faults.push(`must have at least ${MIN_SECRET_BYTES} bytes of UTF-8, found ${bytes}`);
  }
  const words = weakWords(secret);
  if (words.length > 0) {
    faults.push(`must not contain the weak words ${words.map((word) => `'${word}'`).join(", ")}`);
  }
  if (repeatsOnePiece(secret)) faults.push("must not be one piece repeated");
  else if (repeatedShare(secret) > PATTERN_SHARE) faults.push("must not be pieces repeated");
  if (sequentialShare(secret) > PATTERN_SHARE) {
    faults.push("must not be made of sequences such as 'abcd', '4321' or 'qwerty'");
  }
  return [...faults, ...entropyFaults(secret)];
}

/** Nothing is said of the entropy of what is too short for it in any case. */
function entropyFaults(secret: string): string[] {
  const bits = Math.floor(measuredBits(secret));
  if (bits >= MIN_SECRET_BITS || new TextEncoder().encode(secret).length < MIN_SECRET_BYTES) {
    return [];
  }
  const most = Math.floor(alphabetBits(secret));
  const whatever = most < MIN_SECRET_BITS
    ? ", the most that so few of its characters can have"
    : "";
  return [
    `must have ${MIN_SECRET_BITS} bits of entropy, found about ${bits}` +
    `${bits === most ? whatever : ""}: 'openssl rand -base64 32' makes one`,
  ];
}

function weakWords(secret: string): string[] {
  const lowered = secret.toLowerCase();
  const plain = Array.from(lowered, (letter) => DISGUISES[letter] ?? letter).join("");
  const anywhere = WEAK_ANYWHERE.filter((word) =>
    lowered.includes(word) || (word.length >= MIN_DISGUISED_LENGTH && plain.includes(word))
  );
  const alone = WEAK_ALONE.filter((word) => {
    const [first = "", rest = ""] = [word.slice(0, 1), word.slice(1)];
    const forms = `${word}|${word.toUpperCase()}|${first.toUpperCase()}${rest}`;
    return new RegExp(`(?<![A-Za-z0-9])(${forms})(?![A-Za-z])`).test(secret);
  });
  return [...anywhere, ...alone];
}

/** A text that is some piece repeated is found inside its own double before the middle. */
function repeatsOnePiece(text: string): boolean {
  return text.length > 1 && (text + text).indexOf(text, 1) < text.length;
}
