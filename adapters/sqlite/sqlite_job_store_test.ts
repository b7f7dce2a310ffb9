import assert from "node:assert/strict";
import { isFailure } from "../../domain/errors.ts";
import { sampleJob, sampleRequest } from "../../tests/contracts/job_queue_samples.ts";
import { openDatabase } from "./database.ts";
import { SqliteJobStore } from "./sqlite_job_store.ts";

const LARGE = sampleRequest({ code: "#".repeat(1_000_000) });
const KEYED = { idempotency: { key: "key", fingerprint: "one" } };

async function opened() {
  const path = `${await Deno.makeTempDir()}/jobs.sqlite`;
  const database = openDatabase({ path });
  const store = new SqliteJobStore({ database, clock: { now: Date.now }, ttlSeconds: 3600 });
  const numberOf = (sql: string) => Number(database.db.prepare(sql).get()?.["n"]);
  return {
    store,
    db: database.db,
    numberOf,
    [Symbol.asyncDispose]: async () => {
      await database[Symbol.asyncDispose]();
      await Deno.remove(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    },
  };
}

Deno.test("SqliteJobStore add() writes nothing of what is known or refused [B7]", async () => {
  await using place = await opened();
  const first = sampleJob(KEYED);
  await place.store.add(first, 1);
  const written = () => place.numberOf("SELECT total_changes() AS n");
  const before = written();
  const again = await place.store.add(sampleJob({ ...KEYED, request: LARGE }), 1);
  assert.deepEqual([again.added, again.job.id], [false, first.id]);
  await assert.rejects(
    place.store.add(sampleJob({ request: LARGE }), 1),
    (error) => isFailure(error, "too_many_executions"),
  );
  assert.equal(written(), before);
});

Deno.test("SqliteJobStore add() leaves nothing of a body that was not written whole [B7]", async () => {
  await using place = await opened();
  place.db.exec(`CREATE TRIGGER full BEFORE INSERT ON job_pieces WHEN new.position = 2
    BEGIN SELECT RAISE(ABORT, 'full'); END`);
  await assert.rejects(
    place.store.add(sampleJob({ request: LARGE }), 9),
    (error) => isFailure(error, "dependency_unavailable"),
  );
  assert.equal(place.numberOf("SELECT count(*) AS n FROM job_pieces"), 0);
});
