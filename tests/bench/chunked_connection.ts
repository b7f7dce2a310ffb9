/** A request of HTTP as it is sent. */
export function postBytes(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: object,
): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(body));
  const lines = Object.entries({ ...headers, host: url.host, "content-length": `${text.length}` })
    .map(([name, value]) => `${name}: ${value}\r\n`);
  const head = new TextEncoder().encode(`POST ${url.pathname} HTTP/1.1\r\n${lines.join("")}\r\n`);
  const all = new Uint8Array(head.length + text.length);
  all.set(head);
  all.set(text, head.length);
  return all;
}

/**
 * One connection that stays open, one request at a time, as cheap as it can be: reads answers with a
 * content length and chunked ones, such as streams of events, to their end.
 */
export class ChunkedConnection implements Disposable {
  readonly #connection: Deno.TcpConn;
  readonly #buffer = new Uint8Array(64 * 1024);

  private constructor(connection: Deno.TcpConn) {
    connection.setNoDelay(true);
    this.#connection = connection;
  }

  /** Connects to where `url` leads. */
  static async to({ hostname, port }: URL): Promise<ChunkedConnection> {
    return new ChunkedConnection(await Deno.connect({ hostname, port: Number(port) }));
  }

  /** Sends a request; head and body of the answer, whose status has to be 200. */
  async ask(request: Uint8Array): Promise<string> {
    for (let sent = 0; sent < request.length;) {
      sent += await this.#connection.write(request.subarray(sent));
    }
    const decoder = new TextDecoder();
    for (let answer = "";;) {
      const read = await this.#connection.read(this.#buffer);
      if (read === null) throw new Error(`the server closed the connection: ${answer}`);
      answer += decoder.decode(this.#buffer.subarray(0, read), { stream: true });
      if (!isWhole(answer)) continue;
      if (!answer.startsWith("HTTP/1.1 20")) throw new Error(answer);
      return answer;
    }
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

function isWhole(answer: string): boolean {
  const end = answer.indexOf("\r\n\r\n") + 4;
  if (end < 4) return false;
  const head = answer.slice(0, end);
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  if (length !== undefined) return answer.length >= end + Number(length);
  return !/^transfer-encoding: chunked/im.test(head) || answer.endsWith("0\r\n\r\n");
}
