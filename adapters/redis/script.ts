import type { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { ErrorReply } from "redis";

type Values = { readonly keys: string[]; readonly arguments: string[] };

/** Whoever sends scripts. */
export interface ScriptSender {
  evalSha(digest: string, values: Values): Promise<unknown>;
  eval(text: string, values: Values): Promise<unknown>;
}

/** A script of Redis, sent by its digest, and whole only where the server does not know it yet. */
export class RedisScript {
  readonly #text: string;
  readonly #digest: string;

  constructor(text: string) {
    this.#text = text;
    this.#digest = createHash("sha1").update(text).digest("hex");
  }

  async run(
    client: ScriptSender,
    keys: readonly string[],
    values: readonly (string | Buffer)[],
  ): Promise<unknown> {
    // The client sends bytes as they are, and does not say so.
    const options = { keys: [...keys], arguments: [...values] as string[] };
    try {
      return await client.evalSha(this.#digest, options);
    } catch (error) {
      if (!(error instanceof ErrorReply) || !error.message.startsWith("NOSCRIPT")) throw error;
      return await client.eval(this.#text, options);
    }
  }
}
