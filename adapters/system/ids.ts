import { v7 } from "uuid";

/** A new UUID version 7 (RFC 9562): later ones sort later, also within a millisecond. */
export function newId(): string {
  return v7();
}
