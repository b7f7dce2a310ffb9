import type { ExecutionRecord } from "../execution/outcome.ts";
import type { TestRecord } from "../testing/record.ts";
import type { LintRecord } from "../lint/record.ts";
import type { Role } from "../identity/role.ts";

/** What stands in the place of the hash of an event: the last one of a chain, or of what has gone. */
export interface ChainPlace {
  /** 1 or more. */
  readonly sequence: number;
  /** 64 hexadecimal digits. */
  readonly hash: string;
}

/** One thing that is kept, as it goes from one store to another. */
export type RecordsEntry =
  | { readonly kind: "execution"; readonly record: ExecutionRecord }
  | { readonly kind: "tests"; readonly record: TestRecord }
  | { readonly kind: "lint"; readonly record: LintRecord }
  | { readonly kind: "roles"; readonly user: string; readonly roles: readonly Role[] }
  | {
    readonly kind: "revoked_token";
    readonly id: string;
    /** Milliseconds since 1970; `null`: for good. */
    readonly until: number | null;
  }
  | {
    /** The beginning of a chain; its events follow, in their order. */
    readonly kind: "audit_chain";
    readonly instance: string;
    /** The last event that retention has taken; `null` where it has taken none. */
    readonly checkpoint: ChainPlace | null;
  }
  | {
    readonly kind: "audit_event";
    readonly instance: string;
    readonly sequence: number;
    /** The text that the hash is of, as it is stored. */
    readonly event: string;
    readonly hash: string;
  };

/** What sort of thing an entry is. */
export type EntryKind = RecordsEntry["kind"];

/** An entry of one kind. */
export type EntryOf<Kind extends EntryKind> = Extract<RecordsEntry, { readonly kind: Kind }>;

/** How many entries there are of each kind. */
export type EntryTally = Readonly<Record<EntryKind, number>>;

/** Entries that were counted. */
export function tallyOf(entries: Iterable<RecordsEntry>, before: EntryTally = NONE): EntryTally {
  const tally = { ...before };
  for (const { kind } of entries) tally[kind] += 1;
  return tally;
}

/** Of nothing. */
export const NONE: EntryTally = {
  execution: 0,
  tests: 0,
  lint: 0,
  roles: 0,
  revoked_token: 0,
  audit_chain: 0,
  audit_event: 0,
};
