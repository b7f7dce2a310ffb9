import assert from "node:assert/strict";
import { StdioBridge } from "../../adapters/stdio/bridge.ts";
import type { Post } from "../../adapters/stdio/owner_socket.ts";

/** What the service does with a message, the first, second … of all. */
export type Answer = (post: Post, times: number) => Response | Promise<Response>;

/** A bridge whose client is the test and whose service is a function. */
export class Wired {
  readonly posts: Post[] = [];
  readonly reached: Post[] = [];
  readonly #input = new TransformStream<string, string>();
  readonly #writer = this.#input.writable.getWriter();
  readonly #lines: AsyncIterator<string>;
  readonly #served: Promise<void>;

  constructor(answer: Answer, reached: (post: Post) => Response = () => new Response()) {
    const output = new TransformStream<Uint8Array, Uint8Array>();
    this.#lines = output.readable.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
    const bridge = new StdioBridge({
      input: this.#input.readable.pipeThrough(new TextEncoderStream()),
      output: output.writable,
      post: async (post) => {
        this.posts.push(post);
        return await answer(post, this.posts.length);
      },
      reach: async (post) => {
        this.reached.push(post);
        return await reached(post);
      },
      token: () => Promise.resolve("secret"),
      mostBytes: 1000,
      log: { write: () => {} },
    });
    this.#served = bridge.serve();
  }

  async send(message: object | string): Promise<void> {
    const text = typeof message === "string" ? message : JSON.stringify(message);
    await this.#writer.write(`${text}\n`);
  }

  /** The next line that the client gets. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    assert.ok(!done && value.endsWith("\n"));
    return value.slice(0, -1);
  }

  async message(): Promise<
    { id: unknown; error: { code: number; message: string; data: object } }
  > {
    return JSON.parse(await this.line());
  }

  /** Ends the input; resolves when the bridge has ended too. */
  async end(): Promise<void> {
    await this.#writer.close();
    await this.#served;
  }
}

/** A request that only asks. */
export const PING = { jsonrpc: "2.0", id: 1, method: "ping" };
/** A request that may do something. */
export const CALL = {
  jsonrpc: "2.0",
  id: 2,
  method: "tools/call",
  params: { name: "execute_code" },
};

/** An answer of JSON. */
export function json(body: object, status = 200): Response {
  return Response.json(body, { status });
}

/** An event stream that ends after these. */
export function stream(
  ...events: readonly { readonly id: string; readonly data: string }[]
): Response {
  const text = events.map(({ id, data }) => `id: ${id}\ndata: ${data}\n\n`).join("");
  return new Response(text, { headers: { "content-type": "text/event-stream" } });
}
