import type { Watchers } from "../../application/watchers.ts";
import { DomainError } from "../../domain/errors.ts";
import type { Principal } from "../../domain/identity/principal.ts";

/** Streams that are open without a request of their own, until the caller's token is good no more. */
export class OpenStreams {
  readonly #watchers: Pick<Watchers, "enter">;
  readonly #open = new Set<() => void>();
  #isEnding = false;

  /** `watchers` say how many one user may have, and until when. */
  constructor(watchers: Pick<Watchers, "enter">) {
    this.#watchers = watchers;
  }

  /**
   * Takes a stream in, until it is disposed of; `end` is called when it has to end before.
   *
   * @throws {DomainError} `too_many_executions` where the user has too many; `shutting_down`.
   */
  enter(principal: Principal, end: () => void): Disposable {
    if (this.#isEnding) throw new DomainError({ code: "shutting_down", retryAfterSeconds: 1 });
    const watching = this.#watchers.enter(principal);
    this.#open.add(end);
    watching.refused.addEventListener("abort", end, { once: true });
    return {
      [Symbol.dispose]: () => {
        this.#open.delete(end);
        watching[Symbol.dispose]();
      },
    };
  }

  /** Ends all, and takes no more in. */
  end(): void {
    this.#isEnding = true;
    for (const end of this.#open) end();
  }
}
