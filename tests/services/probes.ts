// Each tells whether a service on a port of 127.0.0.1 answers as it should, within two seconds.

const PATIENCE_MS = 2000;

/** Bolt's magic number, then four proposals of versions: 5.8 to 5.0, 4.4 to 4.2, none, none. */
const BOLT_HELLO = [0x60, 0x60, 0xb0, 0x17, 0, 8, 8, 5, 0, 2, 4, 4, 0, 0, 0, 0, 0, 0, 0, 0];

/** A Bolt server picks one of the versions. That the port takes connections says nothing yet. */
export async function speaksBolt(port: number): Promise<boolean> {
  const said = await answer(port, Uint8Array.from(BOLT_HELLO), 4);
  return said.length === 4 && (said[3] === 5 || said[3] === 4);
}

/** Redis answers a ping, and not that it is still loading. */
export async function answersPing(port: number): Promise<boolean> {
  const said = await answer(port, new TextEncoder().encode("PING\r\n"), 7);
  return new TextDecoder().decode(said) === "+PONG\r\n";
}

/** Prometheus says itself when it is ready. */
export async function isReadyOverHttp(port: number): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(`http://127.0.0.1:${port}/-/ready`, { signal });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}

/** The first bytes said on a connection of its own after `question`; empty where nobody answers. */
async function answer(
  port: number,
  question: Uint8Array,
  length: number,
): Promise<Uint8Array> {
  const said = new Uint8Array(length);
  let filled = 0;
  try {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const timer = setTimeout(() => connection.close(), PATIENCE_MS);
    try {
      await connection.write(question);
      while (filled < length) {
        const read = await connection.read(said.subarray(filled));
        if (read === null) break;
        filled += read;
      }
    } finally {
      clearTimeout(timer);
    }
  } catch {
    // Refused, cut or out of patience: all of them are no answer.
  }
  return said.subarray(0, filled);
}
