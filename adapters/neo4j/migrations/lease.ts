import { serviceFailure, unavailable } from "../faults.ts";
import type { Link } from "../link.ts";
import type { SchemaItem } from "../../../domain/graph/schema.ts";

const LABEL = "_umcp_MigrationLease";
const SECONDS = 10;

/** Without it two that ask at once would each make a lease. */
export const LEASE_ITEM: SchemaItem = {
  name: "_umcp_migration_lease",
  kind: "unique",
  label: LABEL,
  properties: ["name"],
};

// Setting a property takes the node's lock, so that what follows is decided by one at a time; the time
// is the database's own, the same for all who ask.
const TAKE = `MERGE (l:${LABEL} {name: 'migrations'}) SET l.asked = timestamp()
  WITH l WHERE l.owner IS NULL OR l.owner = $owner OR l.until < timestamp()
  SET l.owner = $owner, l.until = timestamp() + toInteger($milliseconds) RETURN l.until`;
const RENEW = `MATCH (l:${LABEL} {name: 'migrations', owner: $owner})
  SET l.until = timestamp() + toInteger($milliseconds) RETURN l.until`;
const RELEASE = `MATCH (l:${LABEL} {name: 'migrations', owner: $owner}) DELETE l`;
const SWEEP = `MATCH (l:${LABEL} {name: 'migrations'}) WHERE l.until < timestamp() DELETE l`;

/** The statements of a lease, whose plans must use its index. */
export const LEASE_STATEMENTS: readonly string[] = [TAKE, RENEW, RELEASE, SWEEP];

/** Who holds it, and how long it lasts without being renewed. */
export interface LeaseOptions {
  readonly owner: string;
  readonly milliseconds: number;
}

/** Takes the right to change the schema, unless somebody living has it. */
export async function takeLease(link: Link, options: LeaseOptions): Promise<boolean> {
  return await isDone(link, TAKE, options);
}

/** Makes it last; `false` when it has gone to somebody else. */
export async function renewLease(link: Link, options: LeaseOptions): Promise<boolean> {
  return await isDone(link, RENEW, options);
}

/** Gives it back, if it is still held. */
export async function releaseLease(link: Link, options: LeaseOptions): Promise<void> {
  await isDone(link, RELEASE, options);
}

/** Removes what a holder has left that has died. */
export async function sweepLease(link: Link): Promise<void> {
  await isDone(link, SWEEP, { owner: "", milliseconds: 0 });
}

async function isDone(
  link: Link,
  statement: string,
  { owner, milliseconds }: LeaseOptions,
): Promise<boolean> {
  const asking = {
    mode: "write" as const,
    timeoutMs: SECONDS * 1000,
    signal: new AbortController().signal,
    overdue: () => unavailable(`it did not answer within ${SECONDS} s`),
  };
  try {
    return await link.run(asking, async (session, left) => {
      const { records } = await session.run(
        statement,
        { owner, milliseconds },
        { timeout: left() },
      );
      return records.length > 0;
    });
  } catch (error) {
    throw serviceFailure(error);
  }
}
