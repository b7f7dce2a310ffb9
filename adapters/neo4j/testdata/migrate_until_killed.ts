import { RECORDS_SCHEMA } from "../../../domain/graph/schema.ts";
import { migrateDatabase } from "../migrations/database.ts";

/** Migrates a database; at a step of which it is told it says so and waits to be killed. */
const [uri = "", password = "", leaseMs = "", stopAt = ""] = Deno.args;
const say = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
const reports = await migrateDatabase(
  {
    ...{ uri, user: "neo4j", password, database: "neo4j", retrySeconds: 15 },
    pool: {
      size: 4,
      acquisitionSeconds: 5,
      lifetimeSeconds: 3600,
      keepAliveSeconds: 30,
      connectSeconds: 5,
    },
    log: { write: () => {} },
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
  },
  RECORDS_SCHEMA,
  {
    owner: crypto.randomUUID(),
    leaseMs: Number(leaseMs),
    onStep: async (step) => {
      say(step);
      if (step === stopAt) await new Promise((resolve) => setTimeout(resolve, 60_000));
    },
  },
);
say(JSON.stringify(reports.map(({ name, standing }) => [name, standing])));
Deno.exit(0);
