import assert from "node:assert/strict";
import type { HttpParts } from "../../adapters/http/app.ts";
import { type Listening, type Said, sendRaw } from "../fixtures/raw_http.ts";
import { HttpSurface } from "./http_surface.ts";

/** A header with a good token. */
export const TOKEN = "Authorization: Bearer developer-token";
/** A header with a name of this service. */
export const HOST = "Host: localhost";

/** The surface behind a socket of loopback. */
export class Attacked implements AsyncDisposable {
  readonly surface: HttpSurface;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(overrides: Partial<HttpParts> = {}) {
    this.surface = new HttpSurface(overrides);
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, (request, info) => this.surface.fetch(request, info));
  }

  get port(): number {
    return this.#server.addr.port;
  }

  /** Sends lines, an empty one and a body. */
  send(lines: readonly string[], body = "", listening: Listening = {}): Promise<Said> {
    return this.raw(`${lines.join("\r\n")}\r\n\r\n${body}`, listening);
  }

  raw(bytes: string, listening: Listening = {}): Promise<Said> {
    return sendRaw(this.#server.addr, bytes, listening);
  }

  /** Sends lines and an empty one, then piece after piece with a pause between. */
  trickle(
    lines: readonly string[],
    pieces: readonly string[],
    pauseMilliseconds: number,
  ): Promise<Said> {
    const head = `${lines.join("\r\n")}\r\n\r\n`;
    return sendRaw(this.#server.addr, [head, ...pieces], { pauseMilliseconds });
  }

  /** A connection that says nothing yet. */
  connect(): Promise<Deno.Conn> {
    return Deno.connect({ hostname: "127.0.0.1", port: this.port });
  }

  /** Asks for a target with the usual headers. */
  get(target: string, ...headers: readonly string[]): Promise<Said> {
    return this.send([`GET ${target} HTTP/1.1`, HOST, ...headers]);
  }

  /** What a request has to leave behind: no fault of the service, and the service. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { statuses } = await this.get("/health");
    await this.surface[Symbol.asyncDispose]();
    await this.#server.shutdown();
    assert.deepEqual(statuses, [200]);
    assert.deepEqual(this.surface.lines.filter(({ level }) => level === "error"), []);
  }
}

/** Whether there was one answer, and this the problem in it. */
export function assertRefused({ statuses, text }: Said, code: string, status: number): void {
  assert.deepEqual(statuses, [status], text);
  assert.ok(text.includes(`"code":"${code}"`), text);
}
