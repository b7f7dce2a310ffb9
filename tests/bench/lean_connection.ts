/** What a server has said. */
export interface LeanAnswer {
  readonly status: number;
  readonly body: string;
}

/** A request as it is sent: `GET` without a body, else `POST` of JSON. */
export function requestBytes(url: URL, token: string, body: string | null): Uint8Array {
  const head = [
    `${body === null ? "GET" : "POST"} ${url.pathname} HTTP/1.1`,
    `host: ${url.host}`,
    `authorization: Bearer ${token}`,
    ...(body === null ? [] : [
      "content-type: application/json",
      `content-length: ${new TextEncoder().encode(body).length}`,
    ]),
  ].join("\r\n");
  return new TextEncoder().encode(`${head}\r\n\r\n${body ?? ""}`);
}

/**
 * One connection that stays open, one request at a time: the cheapest client there is, so that what is
 * measured is the service. It understands only answers with a content length.
 */
export class LeanConnection implements Disposable {
  readonly #connection: Deno.Conn;
  readonly #buffer = new Uint8Array(64 * 1024);

  private constructor(connection: Deno.TcpConn) {
    connection.setNoDelay(true);
    this.#connection = connection;
  }

  /** Connects to where `url` leads. */
  static async to({ hostname, port }: URL): Promise<LeanConnection> {
    return new LeanConnection(await Deno.connect({ hostname, port: Number(port) }));
  }

  /** Sends a request and reads its answer. */
  async exchange(request: Uint8Array): Promise<LeanAnswer> {
    for (let sent = 0; sent < request.length;) {
      sent += await this.#connection.write(request.subarray(sent));
    }
    const decoder = new TextDecoder();
    let answer = "";
    while (true) {
      const read = await this.#connection.read(this.#buffer);
      if (read === null) throw new Error("the service closed the connection");
      answer += decoder.decode(this.#buffer.subarray(0, read), { stream: true });
      const end = answer.indexOf("\r\n\r\n") + 4;
      const length = /^content-length: (\d+)/im.exec(answer.slice(0, end))?.[1];
      if (end > 3 && length === undefined) throw new Error(`no length: ${answer.slice(0, end)}`);
      if (length !== undefined && answer.length >= end + Number(length)) {
        return { status: Number(answer.slice(9, 12)), body: answer.slice(end) };
      }
    }
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}
