import { executionRecordsContract } from "../../tests/contracts/execution_records.ts";
import { MemoryExecutionRecords } from "./execution_records.ts";

executionRecordsContract("MemoryExecutionRecords", () =>
  Promise.resolve({
    open: () => new MemoryExecutionRecords(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }), { durable: false });
