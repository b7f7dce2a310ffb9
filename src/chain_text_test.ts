import { deepStrictEqual } from "node:assert/strict";
import { describeChain } from "./chain_text.ts";

const HASH = "0".repeat(64);

const WHOLE = {
  instance: "abc",
  count: 7,
  first: 4,
  head: { sequence: 10, hash: HASH },
  checkpoint: { sequence: 3, hash: HASH },
  kept: [{ sequence: 9, hash: HASH }],
  waiting: 0,
  faults: [],
  faultCount: 0,
};

Deno.test("describeChain() tells what was found, and that all is well [B11]", () => {
  deepStrictEqual(describeChain(WHOLE), [
    "instance abc",
    "7 events, 4 to 10",
    `retention has taken all up to 3:${HASH}`,
    `head 10:${HASH}`,
    `held against 9:${HASH}`,
    "OK",
  ]);
});

Deno.test("describeChain() tells each fault, how many more there are, and what could not be seen [B11]", () => {
  const faults = [{ sequence: 5, what: "it is missing" }, {
    sequence: null,
    what: "another chain",
  }];
  const found = { ...WHOLE, checkpoint: null, kept: [], waiting: 2, faults, faultCount: 7 };
  deepStrictEqual(describeChain(found).slice(3), [
    "event 5: it is missing",
    "another chain",
    "and 5 faults more",
    "2 events wait for the database, in no chain yet",
    "NOT OK: 7 faults",
  ]);
});
