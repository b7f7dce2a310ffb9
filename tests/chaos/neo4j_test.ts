import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "../fixtures/eventually.ts";
import { type GraphClients, startGraphClients } from "../fixtures/graph_clients.ts";
import { type PrivateNeo4j, startPrivateNeo4j } from "../fixtures/private_neo4j.ts";
import { areRunning } from "../fixtures/services.ts";
import { type StartedService, startService, UNLIMITED } from "../fixtures/service.ts";
import { openTcpProxy, type TcpProxy } from "../fixtures/tcp_proxy.ts";

const CLIENTS = 50;
/** How long the database is ill: breakers open, stay open for a second, probe and open again. */
const ILL_MS = 5000;

interface Scene {
  readonly database: PrivateNeo4j;
  readonly way: TcpProxy;
}

interface Illness {
  readonly what: string;
  begin(scene: Scene): Promise<void>;
  end(scene: Scene): Promise<void>;
}

const ILLNESSES: readonly Illness[] = [
  {
    what: "frozen (SIGSTOP)",
    begin: ({ database }) => database.freeze(),
    end: ({ database }) => database.thaw(),
  },
  {
    what: "killed (SIGKILL) and started again",
    begin: ({ database }) => database.kill(),
    end: ({ database }) => database.restart(),
  },
  {
    what: "behind a port that refuses",
    begin: ({ way }) => way.refuse(),
    end: ({ way }) => Promise.resolve(way.mend()),
  },
  {
    what: "behind a way that lets nothing pass",
    begin: ({ way }) => Promise.resolve(way.freeze()),
    end: ({ way }) => Promise.resolve(way.mend()),
  },
  {
    what: "cut off, again and again",
    async begin({ way }) {
      for (let at = 0; at < 5; at += 1) {
        way.cut();
        await delay(300);
      }
    },
    end: () => Promise.resolve(),
  },
];

Deno.test({
  name: `${CLIENTS} clients read and write while Neo4j is ${
    ILLNESSES.map(({ what }) => what).join(", ")
  }: no wrong answer, nothing acknowledged is lost (needs Neo4j) [S4, S43, B3]`,
  ignore: !(await areRunning("neo4j")),
  async fn(context) {
    await using database = await startPrivateNeo4j();
    await using way = openTcpProxy(database.port);
    await using service = await startService({
      ...UNLIMITED,
      NEO4J_URI: `bolt://127.0.0.1:${way.port}`,
      NEO4J_PASSWORD: database.password,
      BREAKER_READ: "5/2/1",
      BREAKER_WRITE: "3/2/1",
      RETRY_ATTEMPTS: "2",
      QUERY_CACHE_TTL_SECONDS: "0",
    });
    for (const illness of ILLNESSES) {
      await context.step(illness.what, () => endure(service, { database, way }, illness));
    }
  },
});

async function endure(service: StartedService, scene: Scene, illness: Illness): Promise<void> {
  const clients = startGraphClients(service, CLIENTS);
  try {
    await answered(clients, 200);
    await illness.begin(scene);
    await delay(ILL_MS);
    await illness.end(scene);
    await eventually("both breakers closed", async () => {
      const { json } = await service.get("/api/v1/circuit_breakers");
      const states = json.circuit_breakers as { name: string; state: string }[];
      return states.every(({ state }) => state === "closed") ? true : null;
    }, 30);
    await answered(clients, 200);
  } finally {
    assert.deepEqual(await clients.stop(), []);
  }
  assert.deepEqual(await clients.lost(), []);
}

/** Waits until so many more calls have gone well: the service works, and with nobody's help. */
async function answered(clients: GraphClients, more: number): Promise<void> {
  const before = clients.counts().ok ?? 0;
  await eventually(`${more} good answers more`, () => {
    return (clients.counts().ok ?? 0) >= before + more ? true : null;
  }, 30);
}
