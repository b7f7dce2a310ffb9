import { DomainError } from "../errors.ts";
import { pathFault } from "../execution/file_paths.ts";

/** `%2e`, `%u002e`: a path that means another once something decodes it. */
const ENCODED = /%(?:[0-9a-f]{2}|u[0-9a-f]{4})/i;

/** Other dividers, drives and streams, wildcards, what cannot stand in a name there. */
const NOT_ON_WINDOWS = /[\\:*?"<>|]/;

/** Names of devices, whatever extension they have, and names that Windows cuts. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|$)/i;
const CUT = /[. ]$/;

/**
 * Holds a path that will be stored, or used on a machine of any kind, against the rules of paths for
 * runs, and those that hold elsewhere too: nothing encoded, no form that Windows understands otherwise,
 * and none of it once look-alike characters are what they look like.
 *
 * @throws {DomainError} `validation_failed` at `pointer`.
 */
export function ensureSafeFilePath(path: string, pointer: string): void {
  const expected = pathFault(path) ?? elsewhereFault(path);
  if (expected === null) return;
  const found = path.length > 78 ? `a string of ${path.length} characters` : JSON.stringify(path);
  throw new DomainError({ code: "validation_failed", errors: [{ pointer, expected, found }] });
}

function elsewhereFault(path: string): string | null {
  const plain = path.normalize("NFKC");
  if (pathFault(plain) !== null) return "a path that look-alike characters do not lead elsewhere";
  if (ENCODED.test(plain)) return "a path without percent-encoding";
  if (NOT_ON_WINDOWS.test(plain)) return 'a path without \\ : * ? " < > |';
  const parts = plain.split("/");
  if (parts.some((part) => DEVICE.test(part))) return "a path without names of devices";
  if (parts.some((part) => CUT.test(part))) return "parts that do not end with a dot or a space";
  return null;
}
