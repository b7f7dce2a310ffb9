import { isObject, requirePlain } from "./plain_data.ts";

/** What a key can be made of: plain data, and bytes. */
export type KeyPart =
  | null
  | undefined
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | readonly KeyPart[]
  | { readonly [name: string]: KeyPart };

/** A SHA-256 in hexadecimal digits: of bytes, or of a text's UTF-8. */
export type Sha256 = (content: string | Uint8Array) => string;

/**
 * A key of 64 hexadecimal digits: the same for the same data in whatever order its members stand, and
 * another for any other data. `1`, `1n`, `"1"` and `[1]` are four; so are `0`, `-0`, `NaN` and `null`.
 *
 * @throws {TypeError} for anything but plain data and bytes.
 */
export function cacheKey(data: KeyPart, sha256: Sha256): string {
  return sha256(canonicalText(data, sha256));
}

/** Each kind of value begins or ends as no other does, so that no two texts are the same. */
function canonicalText(data: KeyPart, sha256: Sha256): string {
  if (data instanceof Uint8Array) return `sha256:${data.length}:${sha256(data)}`;
  if (Array.isArray(data)) return `[${data.map((item) => canonicalText(item, sha256)).join(",")}]`;
  if (isObject(data)) return `{${members(data, sha256).join(",")}}`;
  return scalarText(data);
}

function members(data: object, sha256: Sha256): string[] {
  requirePlain(data);
  return Object.entries(data)
    .sort(([one], [other]) => one < other ? -1 : 1)
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalText(member, sha256)}`);
}

function scalarText(data: KeyPart): string {
  switch (typeof data) {
    // Lone surrogates stand as escapes: as UTF-8 they would all be the same.
    case "string":
      return JSON.stringify(data);
    case "bigint":
      return `${data}n`;
    case "number":
      return Object.is(data, -0) ? "-0" : String(data);
    case "boolean":
    case "undefined":
    case "object":
      return String(data);
    default:
      throw new TypeError(`Cannot make a key: found a value of type ${typeof data}`);
  }
}
