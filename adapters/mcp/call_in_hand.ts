import type { RequestContext } from "../../application/request_context.ts";
import type { McpCall } from "../wire/mcp_call.ts";
import type { RequestId } from "./rpc.ts";

/** One request of a session, from its arrival until it is answered, cancelled or given up. */
export class CallInHand {
  readonly id: RequestId;
  /** The call as handlers see it. Its caller may lose the connection and come back: its signal outlives that. */
  readonly call: McpCall<RequestContext>;
  readonly #givenUp = new AbortController();
  readonly #patienceMs: number;
  #late: ReturnType<typeof setTimeout> | undefined;

  constructor(id: RequestId, call: McpCall<RequestContext>, patienceMs: number) {
    this.id = id;
    const context = { ...call.context, signal: this.#givenUp.signal };
    this.call = { ...call, context };
    this.#patienceMs = patienceMs;
  }

  /** Its stream was lost: it is given up unless somebody takes it up again in time. */
  lost(): void {
    clearTimeout(this.#late);
    this.#late = setTimeout(() => this.giveUp(), this.#patienceMs);
  }

  /** Somebody reads its stream again. */
  resumed(): void {
    clearTimeout(this.#late);
  }

  /**
   * Its caller has called it off, and has not left. Said before its program knows: how that ends, and
   * when its stream does, is a race.
   */
  calledOff(): void {
    this.call.calledOff?.abort();
    this.call.refused?.("cancelled");
  }

  /** Nobody waits for its answer. */
  giveUp(): void {
    this.over();
    this.#givenUp.abort();
  }

  /** Nothing more comes of it. */
  over(): void {
    clearTimeout(this.#late);
  }
}
