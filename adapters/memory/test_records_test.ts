import { testRecordsContract } from "../../tests/contracts/test_records.ts";
import { MemoryTestRecords } from "./test_records.ts";

testRecordsContract("MemoryTestRecords", () =>
  Promise.resolve({
    open: () => new MemoryTestRecords(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }), { durable: false });
