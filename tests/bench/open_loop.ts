import { setTimeout as delay } from "node:timers/promises";
import { LeanConnection } from "./lean_connection.ts";

/** What came of one request. */
export interface Exchange<Request> {
  readonly request: Request;
  /** From when it was to be sent, whenever it was. */
  readonly milliseconds: number;
  /** The HTTP status; 0 when the connection broke. */
  readonly status: number;
  readonly body: string;
}

/** How fast, and for how long. */
export interface Rate {
  readonly perSecond: number;
  readonly seconds: number;
}

/** Most requests on their way at once; others wait, and their time runs. */
const CONNECTIONS = 200;

/**
 * Sends requests by the clock, whether those before have been answered or not: a server that is slow meets
 * the same load as a fast one, and what waits for it is counted.
 */
export async function openLoop<Request extends { readonly bytes: Uint8Array }>(
  url: URL,
  requests: Iterator<Request>,
  { perSecond, seconds }: Rate,
): Promise<Exchange<Request>[]> {
  const idle: LeanConnection[] = [];
  const all = new Set<LeanConnection>();
  const waiting: ((connection: LeanConnection | null) => void)[] = [];
  const done: Promise<Exchange<Request>>[] = [];
  let open = 0;

  async function connection(): Promise<LeanConnection> {
    const free = idle.pop();
    if (free !== undefined) return free;
    if (open >= CONNECTIONS) {
      const next = await new Promise<LeanConnection | null>((resolve) => waiting.push(resolve));
      if (next !== null) return next;
    } else open += 1;
    const made = await LeanConnection.to(url);
    all.add(made);
    return made;
  }
  function giveBack(back: LeanConnection | null): void {
    const next = waiting.shift();
    if (next !== undefined) next(back);
    else if (back === null) open -= 1;
    else idle.push(back);
  }
  async function send(request: Request, at: number): Promise<Exchange<Request>> {
    const own = await connection();
    try {
      const answer = await own.exchange(request.bytes);
      giveBack(own);
      return { request, milliseconds: performance.now() - at, ...answer };
    } catch (error) {
      giveBack(null);
      return { request, milliseconds: performance.now() - at, status: 0, body: String(error) };
    }
  }

  const count = perSecond * seconds;
  const begin = performance.now();
  for (let sent = 0; sent < count;) {
    const now = performance.now();
    for (; sent < count && begin + sent * 1000 / perSecond <= now; sent += 1) {
      const { value } = requests.next();
      done.push(send(value, begin + sent * 1000 / perSecond));
    }
    await delay(1);
  }
  const exchanges = await Promise.all(done);
  for (const one of all) one[Symbol.dispose]();
  return exchanges;
}
