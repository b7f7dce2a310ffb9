import { createHash } from "node:crypto";
import { ErrorReply } from "redis";
import type { RedisClient } from "./client.ts";

/** A script of Redis, sent by its digest, and whole only where the server does not know it yet. */
export class RedisScript {
  readonly #text: string;
  readonly #digest: string;

  constructor(text: string) {
    this.#text = text;
    this.#digest = createHash("sha1").update(text).digest("hex");
  }

  async run(
    client: RedisClient,
    keys: readonly string[],
    values: readonly string[],
  ): Promise<unknown> {
    const options = { keys: [...keys], arguments: [...values] };
    try {
      return await client.evalSha(this.#digest, options);
    } catch (error) {
      if (!(error instanceof ErrorReply) || !error.message.startsWith("NOSCRIPT")) throw error;
      return await client.eval(this.#text, options);
    }
  }
}
