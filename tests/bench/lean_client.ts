/**
 * One connection that stays open, and one request that is always the same: the cheapest client there
 * is, so that what is measured is the service. It understands only answers with a content length.
 */
export class LeanClient implements Disposable {
  readonly #connection: Deno.Conn;
  readonly #request: Uint8Array;
  readonly #buffer = new Uint8Array(64 * 1024);
  readonly #decoder = new TextDecoder();

  private constructor(connection: Deno.TcpConn, request: Uint8Array) {
    connection.setNoDelay(true);
    this.#connection = connection;
    this.#request = request;
  }

  /** Connects; each {@link ask} then posts `body` to `url`. */
  static async connect(url: URL, token: string, body: string): Promise<LeanClient> {
    const bytes = new TextEncoder().encode(body);
    const head = [
      `POST ${url.pathname} HTTP/1.1`,
      `host: ${url.host}`,
      `authorization: Bearer ${token}`,
      "content-type: application/json",
      `content-length: ${bytes.length}`,
    ].join("\r\n");
    const request = new TextEncoder().encode(`${head}\r\n\r\n${body}`);
    const connection = await Deno.connect({ hostname: url.hostname, port: Number(url.port) });
    return new LeanClient(connection, request);
  }

  /** Sends the request; the body of the answer. */
  async ask(): Promise<string> {
    for (let sent = 0; sent < this.#request.length;) {
      sent += await this.#connection.write(this.#request.subarray(sent));
    }
    let answer = "";
    while (true) {
      const read = await this.#connection.read(this.#buffer);
      if (read === null) throw new Error("the service closed the connection");
      answer += this.#decoder.decode(this.#buffer.subarray(0, read), { stream: true });
      const end = answer.indexOf("\r\n\r\n") + 4;
      const length = /^content-length: (\d+)/im.exec(answer.slice(0, end))?.[1];
      if (length !== undefined && answer.length >= end + Number(length)) return answer.slice(end);
    }
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}
