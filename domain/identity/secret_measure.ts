import { readableLength } from "./secret_words.ts";

/** A run or repetition shorter than this is chance. */
const MIN_PATTERN = 4;

/** Rows of keys and alphabets, each walked forwards and backwards. */
const SEQUENCES = [
  "abcdefghijklmnopqrstuvwxyz",
  "01234567890",
  "qwertyuiop",
  "asdfghjkl",
  "zxcvbnm",
  "qwertzuiop",
  "yxcvbnm",
  "azertyuiop",
  "!@#$%^&*()",
].flatMap((row) => [row, Array.from(row).reverse().join("")]);

/** Two letters that stand beside each other in every second place of English, the most frequent. */
const WORD_PAIRS = new Set(
  ("th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve " +
    "co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur ec ct ho ta tt ss la el us ut rs wo")
    .split(" "),
);
/** By odds below 1 in 10^6 the hex or base64 of 256 bits has so many such pairs, and such a share. */
const WORDY_PAIRS = 15;
const WORDY_SHARE = 0.33;
/** The share of a random text that lies in words by chance is smaller, by the same odds. */
const READABLE_SHARE = 0.3;
/** A character of words chosen at random carries about this: 12.9 bits a word of a list of 7,776. */
const BITS_IN_WORDS = 2.5;

/** What random texts of 256 bits reach, but for odds below 1 in 10^8. */
const USUAL_EVENNESS = 0.75;
const USUAL_FRESH_SHARE = 0.6;

/**
 * How many bits of chance a secret seems to hold.
 *
 * The most that its characters can have (see {@link alphabetBits}), less in proportion to how far
 * it falls short of what random texts of such a length and alphabet look like:
 *
 * - its characters' Shannon entropy, beside the greatest that its length and alphabet allow;
 * - the share of it that lies in no sequence and in no piece seen before;
 * - what lies in words and dates, where that is much, has 2.5 bits a character;
 * - what has the pairs of letters that words have, 2.5 bits a character throughout;
 * - and what base64 or hex makes of readable text has no more than that text.
 *
 * It is an estimate from above: a text can be known to others and look random.
 */
export function measuredBits(secret: string): number {
  const text = unpadded(secret);
  const characters = Array.from(text);
  const most = alphabetBits(secret);
  const even = Math.min(1, evenness(characters, alphabetSize(text)) / USUAL_EVENNESS);
  const fresh = 1 - Math.max(sequentialShare(text), repeatedShare(text));
  const measured = most * even * Math.min(1, fresh / USUAL_FRESH_SHARE);
  const inner = encodedText(text);
  return Math.min(
    measured,
    bitsBesideWords(text),
    readsLikeWords(text) ? characters.length * BITS_IN_WORDS : Infinity,
    inner === null ? Infinity : measuredBits(inner),
  );
}

function bitsBesideWords(text: string): number {
  const readable = readableLength(text);
  if (readable <= text.length * READABLE_SHARE) return Infinity;
  return readable * BITS_IN_WORDS + (text.length - readable) * Math.log2(alphabetSize(text));
}

/** What a text is the hex or base64 of, if that is printable ASCII; `null` for all else. */
function encodedText(text: string): string | null {
  const readings = [
    () => Uint8Array.fromHex(text),
    () => Uint8Array.fromBase64(text),
    () => Uint8Array.fromBase64(text, { alphabet: "base64url" }),
  ];
  for (const read of readings) {
    try {
      const inner = String.fromCharCode(...read());
      if (/^[\x20-\x7e\s]+$/.test(inner)) return inner;
    } catch {
      // It is no such encoding.
    }
  }
  return null;
}

/** The entropy of a random text of this length and alphabet, in bits. */
export function alphabetBits(secret: string): number {
  const text = unpadded(secret);
  return Array.from(text).length * Math.log2(alphabetSize(text));
}

/** The `=` at the end of base64 say nothing. */
function unpadded(secret: string): string {
  return secret.replace(/={1,2}$/, "");
}

/** How many characters the text was chosen from: a known alphabet, else the classes that it uses. */
function alphabetSize(text: string): number {
  if (/^\d*$/.test(text)) return 10;
  if (/^([\da-f]*|[\dA-F]*)$/.test(text)) return 16;
  if (/\d/.test(text) && /^([A-Z2-7]*|[a-z2-7]*)$/.test(text)) return 32;
  const [lower, upper, digits] = [/[a-z]/, /[A-Z]/, /\d/].map((kind) => kind.test(text));
  if (lower && upper && (/^[\w-]*$/.test(text) || /^[A-Za-z\d+/]*$/.test(text))) return 64;
  const symbols = new Set(text.replaceAll(/[A-Za-z\d]/g, "")).size;
  return (lower ? 26 : 0) + (upper ? 26 : 0) + (digits ? 10 : 0) + symbols;
}

/** Shannon entropy of the characters as a share of the greatest possible, 0 to 1. */
function evenness(characters: readonly string[], alphabet: number): number {
  const counts = new Map<string, number>();
  for (const character of characters) counts.set(character, (counts.get(character) ?? 0) + 1);
  const total = characters.length;
  const greatest = Math.log2(Math.min(total, alphabet));
  if (greatest <= 0) return 0;
  const terms = [...counts.values()].map((count) => -count / total * Math.log2(count / total));
  return terms.reduce((sum, term) => sum + term, 0) / greatest;
}

/** The share of a text, 0 to 1, that lies in sequences: alphabets, digits, rows of keys. */
export function sequentialShare(text: string): number {
  const lowered = text.toLowerCase();
  return shareOf(lowered, (piece) => SEQUENCES.some((row) => row.includes(piece)));
}

/** The share of a text, 0 to 1, that lies in pieces which stand in it before, also backwards. */
export function repeatedShare(text: string): number {
  const backwards = Array.from(text).reverse().join("");
  return shareOf(text, (piece, at) => {
    const first = text.indexOf(piece);
    const mirrored = text.length - piece.length - backwards.lastIndexOf(piece);
    return first < at || (mirrored < at && backwards.includes(piece));
  });
}

/** The share of characters in pieces of {@link MIN_PATTERN} characters that `isPattern`. */
function shareOf(text: string, isPattern: (piece: string, at: number) => boolean): number {
  const covered = new Set<number>();
  for (let at = 0; at + MIN_PATTERN <= text.length; at++) {
    if (!isPattern(text.slice(at, at + MIN_PATTERN), at)) continue;
    for (let offset = 0; offset < MIN_PATTERN; offset++) covered.add(at + offset);
  }
  return text.length === 0 ? 0 : covered.size / text.length;
}

/**
 * Words change their case at most after their first letter; a random text does so anywhere. Digits
 * and separators stand between words and tell nothing of them.
 */
function readsLikeWords(text: string): boolean {
  const pairs = Array.from(
    { length: Math.max(0, text.length - 1) },
    (_, at) => text.slice(at, at + 2),
  )
    .filter((pair) => /^[A-Za-z]{2}$/.test(pair));
  const wordy = pairs.filter((pair) =>
    WORD_PAIRS.has(pair) || (pair === pair.toUpperCase() && WORD_PAIRS.has(pair.toLowerCase()))
  );
  return wordy.length >= WORDY_PAIRS && wordy.length > pairs.length * WORDY_SHARE;
}
