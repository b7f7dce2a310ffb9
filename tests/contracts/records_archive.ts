import assert from "node:assert/strict";
import type { RecordsArchive } from "../../domain/ports/records_archive.ts";
import type { RecordsEntry } from "../../domain/records/entry.ts";
import { chainOf, RECORDS } from "../fixtures/records_entries.ts";

/** A place where records are kept, empty at first, and removed when it is closed. */
export interface ArchivePlace extends AsyncDisposable {
  /** Opens what is kept in this place; called again only after the one before is closed. */
  open(): RecordsArchive;
}

/** What an implementation may do one way or the other; each way has its own test. */
export interface ArchiveFeatures {
  /** Whether it keeps the chains of several instances; else it refuses them. */
  readonly chains: "several" | "one";
}

interface ContractCase {
  readonly behaviour: string;
  check(at: ArchivePlace): Promise<void>;
}

async function kept(archive: RecordsArchive, entries: readonly RecordsEntry[]): Promise<void> {
  const chains = entries.filter((entry) => entry.kind === "audit_chain");
  await archive.prepare(chains.map(({ instance }) => instance));
  for (const [, alike] of Map.groupBy(entries, ({ kind }) => kind)) await archive.keep(alike);
}

async function all(archive: RecordsArchive): Promise<RecordsEntry[]> {
  return await Array.fromAsync(archive.entries());
}

function auditOf(entries: readonly RecordsEntry[]): RecordsEntry[] {
  return entries.filter(({ kind }) => kind === "audit_chain" || kind === "audit_event");
}

const EVENTS = chainOf("one", 9);
const CHAIN = { kind: "audit_chain", instance: "one", checkpoint: null } as const;
const TRIMMED = { ...CHAIN, checkpoint: { sequence: 4, hash: EVENTS[3]!.hash } };

const CASES: readonly ContractCase[] = [
  {
    behaviour: "what is kept is given back as it was, once, also when it is kept again",
    async check(at) {
      for (const _time of [1, 2]) {
        await using archive = at.open();
        await kept(archive, RECORDS);
        assert.deepEqual(await all(archive), RECORDS);
      }
      await using again = at.open();
      assert.deepEqual(await all(again), RECORDS);
    },
  },
  {
    behaviour: "a run stays as it is, roles become the entry's, a revocation lasts no shorter",
    async check(at) {
      await using archive = at.open();
      await kept(archive, RECORDS);
      const [run] = RECORDS;
      assert.ok(run?.kind === "execution");
      await archive.keep([{ kind: "execution", record: { ...run.record, stdout: "other" } }]);
      await archive.keep([{ kind: "roles", user: "nobody", roles: ["admin"] }]);
      await archive.keep([{ kind: "revoked_token", id: "endless", until: 8_000_000_000_000 }]);
      const found = await all(archive);
      const expected = RECORDS.map((entry): RecordsEntry =>
        entry.kind === "roles" && entry.user === "nobody" ? { ...entry, roles: ["admin"] } : entry
      );
      assert.deepEqual(found, expected);
    },
  },
  {
    behaviour: "a chain goes on where it was, and an older file changes nothing",
    async check(at) {
      await using archive = at.open();
      await kept(archive, [CHAIN, ...EVENTS.slice(0, 5)]);
      await kept(archive, [CHAIN, ...EVENTS]);
      await kept(archive, [CHAIN, ...EVENTS.slice(0, 3)]);
      assert.deepEqual(auditOf(await all(archive)), [CHAIN, ...EVENTS]);
    },
  },
  {
    behaviour: "another event in a place is refused, and nothing of its batch kept",
    async check(at) {
      await using archive = at.open();
      await kept(archive, [CHAIN, ...EVENTS.slice(0, 5)]);
      const fork = chainOf("one", 9);
      await assert.rejects(archive.keep(fork), /another event stands .*in the place 1\b/);
      assert.deepEqual(auditOf(await all(archive)), [CHAIN, ...EVENTS.slice(0, 5)]);
    },
  },
  {
    behaviour: "what retention has taken stays taken, in the file and here",
    async check(at) {
      await using archive = at.open();
      await kept(archive, [CHAIN, ...EVENTS.slice(0, 6)]);
      await kept(archive, [TRIMMED, ...EVENTS.slice(4)]);
      assert.deepEqual(auditOf(await all(archive)), [TRIMMED, ...EVENTS.slice(4)]);
      await kept(archive, [CHAIN, ...EVENTS]);
      assert.deepEqual(auditOf(await all(archive)), [TRIMMED, ...EVENTS.slice(4)]);
    },
  },
  {
    behaviour: "a chain of which nothing is left is kept as that",
    async check(at) {
      const gone = { ...CHAIN, checkpoint: { sequence: 9, hash: EVENTS[8]!.hash } };
      await using archive = at.open();
      await kept(archive, [gone]);
      assert.deepEqual(auditOf(await all(archive)), [gone]);
    },
  },
];

/** Holds an implementation of {@link RecordsArchive} to its port's contract. */
export function recordsArchiveContract(
  name: string,
  place: () => Promise<ArchivePlace>,
  { chains }: ArchiveFeatures,
): void {
  const test = (behaviour: string, check: (at: ArchivePlace) => Promise<void>) =>
    Deno.test(`${name}: ${behaviour} [B2]`, async () => {
      await using at = await place();
      await check(at);
    });
  for (const { behaviour, check } of CASES) test(behaviour, check);
  test(`chains of ${chains} are kept`, async (at) => {
    const other = { ...CHAIN, instance: "two" };
    const both = [CHAIN, ...EVENTS, other, ...chainOf("two", 3)];
    await using archive = at.open();
    if (chains === "one") {
      await assert.rejects(
        archive.prepare(["one", "two"]),
        /SQLite keeps one.*--instance: one, two/,
      );
      await kept(archive, [CHAIN, ...EVENTS]);
      await assert.rejects(archive.prepare(["two"]), /Use another DATA_DIR/);
    } else {
      await kept(archive, both);
      assert.deepEqual(auditOf(await all(archive)), both);
    }
  });
}
