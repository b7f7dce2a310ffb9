import { LeanConnection, requestBytes } from "./lean_connection.ts";

/** One connection and one request that is always the same. */
export class LeanClient implements Disposable {
  readonly #connection: LeanConnection;
  readonly #request: Uint8Array;

  private constructor(connection: LeanConnection, request: Uint8Array) {
    this.#connection = connection;
    this.#request = request;
  }

  /** Connects; each {@link ask} then posts `body` to `url`. */
  static async connect(url: URL, token: string, body: string): Promise<LeanClient> {
    return new LeanClient(await LeanConnection.to(url), requestBytes(url, token, body));
  }

  /** Sends the request; the body of the answer. */
  async ask(): Promise<string> {
    return (await this.#connection.exchange(this.#request)).body;
  }

  [Symbol.dispose](): void {
    this.#connection[Symbol.dispose]();
  }
}
