import type { EagerResult } from "neo4j-driver";
import { DomainError } from "../../domain/errors.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import { batchFailure, isLockFault, unavailable } from "./faults.ts";
import type { Link } from "./link.ts";
import { traceless } from "./traceless.ts";

const SECONDS = 60;
const FIRST_WAIT_MS = 5;
const LONGEST_WAIT_MS = 500;

/** What a statement in a transaction gives. */
export type Answer = Pick<EagerResult, "records" | "summary">;

/** Runs a statement in the transaction that it belongs to. */
export type Run = (
  statement: string,
  parameters: Readonly<Record<string, unknown>>,
) => Promise<Answer>;

/** How writes are made. */
export interface WritingParts {
  readonly link: Link;
  readonly clock: Clock;
  readonly retrySeconds: number;
  /** Looks, before a transaction is committed, whether it is in the database that it is meant for. */
  readonly ensureSame?: (run: Run) => Promise<void>;
  /** Told of each write by its bookmarks, before its caller is. */
  readonly onWritten: (bookmarks: readonly string[]) => void;
}

/**
 * Does `work` in one transaction, which is rolled back if it throws. Where it loses against another in the
 * database's locks it is done anew: nothing of it has been seen by anybody.
 *
 * @throws {DomainError}
 */
export async function inTransaction<Done>(
  parts: WritingParts,
  signal: AbortSignal,
  work: (run: Run) => Promise<Done>,
): Promise<Done> {
  if (signal.aborted) throw new DomainError({ code: "cancelled" });
  const until = parts.clock.monotonic() + parts.retrySeconds * 1000;
  for (let wait = FIRST_WAIT_MS;; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    try {
      return await once(parts, signal, work);
    } catch (error) {
      const again = isLockFault(error) && parts.clock.monotonic() + wait < until;
      if (!again) throw batchFailure(error);
      // By chance, so that two that met do not meet again.
      await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random())));
    }
  }
}

function once<Done>(
  { link, onWritten, ensureSame }: WritingParts,
  signal: AbortSignal,
  work: (run: Run) => Promise<Done>,
): Promise<Done> {
  const asking = {
    mode: "write" as const,
    timeoutMs: SECONDS * 1000,
    signal,
    stays: true as const,
    overdue: () => unavailable(`it did not finish within ${SECONDS} s`),
  };
  return link.run(asking, async (session, left) => {
    // Not waited for: the first statement is sent with it, and fails where it has failed.
    const transaction = traceless(() => session.beginTransaction({ timeout: left() }));
    transaction.catch(() => {});
    try {
      const run: Run = (statement, parameters) =>
        traceless(() => transaction.run(statement, parameters));
      const done = await work(run);
      await ensureSame?.(run);
      await traceless(() => transaction.commit());
      onWritten(session.lastBookmarks());
      return done;
    } catch (error) {
      await transaction.close().catch(() => {});
      throw error;
    }
  });
}
