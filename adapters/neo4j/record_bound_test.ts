import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import channelBuffer from "neo4j-driver-bolt-connection/lib/channel/channel-buf.js";
import chunking from "neo4j-driver-bolt-connection/lib/channel/chunking.js";
import { areRunning, neo4jService } from "../../tests/fixtures/services.ts";
import { closeDriver, openDriver } from "./driver.ts";
import { driverFault } from "./faults.ts";
import { connectionsMade, WHOLE } from "./record_bound.ts";

interface Incoming {
  readonly length: number;
  getUInt8(at: number): number;
}
const { Dechunker } = chunking as unknown as {
  readonly Dechunker: new () => {
    onmessage: (message: Incoming) => void;
    write(bytes: unknown): void;
  };
};
const Bytes = (channelBuffer as unknown as { readonly default: new (bytes: Buffer) => unknown })
  .default;

/** What the driver is given of messages that come in chunks, each as its first two bytes and its length. */
function givenOf(messages: readonly Uint8Array[]): string[] {
  const given: string[] = [];
  const dechunker = new Dechunker();
  dechunker.onmessage = (message) => {
    const second = message.length > 1 ? message.getUInt8(1).toString(16) : "";
    given.push(`${message.getUInt8(0).toString(16)} ${second} ${message.length}`);
  };
  for (const message of messages) {
    for (let at = 0; at < message.length; at += 65_535) {
      const chunk = message.subarray(at, at + 65_535);
      dechunker.write(new Bytes(Buffer.from([chunk.length >>> 8, chunk.length & 0xff, ...chunk])));
    }
    dechunker.write(new Bytes(Buffer.from([0, 0])));
  }
  return given;
}

/** A record of one column: a list of so many ones, of which all are there. */
function ones(count: number): Uint8Array {
  const size = [24, 16, 8, 0].map((bits) => (count >>> bits) & 0xff);
  return Uint8Array.from([0xb1, 0x71, 0x91, 0xd6, ...size, ...new Uint8Array(count).fill(1)]);
}

const SUCCESS = Uint8Array.from([0xb1, 0x70, 0xa0]);

Deno.test("Dechunker: a record that is too large is a failure, and its result ends with it [S10]", () => {
  const given = givenOf([
    SUCCESS,
    ones(500_000),
    ones(3),
    ones(500_000),
    SUCCESS,
    SUCCESS,
    ones(3),
  ]);
  assert.deepEqual(given.map((message) => message.split(" ", 2)[1]), ["70", "7f", "70", "71"]);
});

Deno.test("Dechunker: large records add up until their result ends [S10]", () => {
  const half = ones(250_000);
  assert.deepEqual(
    givenOf([half, SUCCESS, half, half, SUCCESS, half]).map((it) => it.split(" ", 2)[1]),
    ["71", "70", "71", "7f", "71"],
  );
});

Deno.test("Dechunker: what is no record and endless is given as what cannot be read [S10]", () => {
  const message = new Uint8Array(70 * 1024 * 1024);
  message.set([0xb1, 0x7f]);
  assert.deepEqual(givenOf([message]), ["df  1"]);
});

Deno.test({
  name: "openDriver(): no record larger than an answer may be is decoded (needs Neo4j) [S10, B3]",
  ignore: !await areRunning("neo4j"),
  async fn() {
    const { uri, user, password } = await neo4jService();
    const driver = openDriver({
      ...{ uri, user, password, database: "neo4j", retrySeconds: 1 },
      pool: {
        size: 1,
        acquisitionSeconds: 5,
        lifetimeSeconds: 60,
        keepAliveSeconds: 30,
        connectSeconds: 5,
      },
      log: { write() {} },
      clock: { now: () => Date.now(), monotonic: () => performance.now() },
    });
    const session = driver.session({ database: "neo4j" });
    try {
      const before = connectionsMade();
      const list = "range(1, 500000) AS x";
      const refused = await session.run(`RETURN ${list}`).catch(driverFault);
      assert.equal((refused as { code: string }).code, "Neo.ClientError.Statement.AnswerTooLarge");
      const whole = await session.run(`RETURN $whole AS whole, ${list}`, { whole: WHOLE });
      assert.equal(whole.records[0]?.get("x").length, 500_000);
      assert.equal(connectionsMade(), before + 1);
    } finally {
      await session.close();
      await closeDriver(driver);
    }
  },
});
