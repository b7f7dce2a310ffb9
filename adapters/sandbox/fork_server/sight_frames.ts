/** What the broker is asked to look at; `python/sights.py` and `connections.py` are the other half. */

import type { PeerConnection } from "../../../domain/ports/peers.ts";
import { encodeShort } from "./frames.ts";

const COUNT = 3;
const GONE = 6;

const encoder = new TextEncoder();

/** The frame that asks how many descriptors the service has open; the answer's text says. */
export function encodeCount(id: number): Uint8Array<ArrayBuffer> {
  return encodeShort(COUNT, id);
}

/** The frame that asks which connections' other ends have left; the answer's text has their indexes. */
export function encodeGone(
  id: number,
  connections: readonly PeerConnection[],
): Uint8Array<ArrayBuffer> {
  const lines = connections.map(({ address, port, localPort }) =>
    `${address} ${port} ${localPort}\n`
  );
  return encodeShort(GONE, id, encoder.encode(lines.join("")));
}
