import { CLIENTS, OUTAGES, startOutageScene } from "../fixtures/outages.ts";
import { areRunning } from "../fixtures/services.ts";

Deno.test({
  name:
    `${CLIENTS} clients read, write and run programs while the graph's and the records' Neo4j are ${
      OUTAGES.map(({ what }) => what).join(", ")
    }: no wrong answer, breakers open and close, nothing acknowledged is lost, each record is there once ` +
    "(needs Neo4j) [S4, S43, B2, B3]",
  ignore: !(await areRunning("neo4j")),
  async fn(context) {
    await using scene = await startOutageScene();
    for (const outage of OUTAGES) {
      await context.step(outage.what, () => scene.endure(outage));
    }
    await context.step("the records afterwards", () => scene.checkRecords());
  },
});
