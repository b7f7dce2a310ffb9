import { lintRecordsContract } from "../../tests/contracts/lint_records.ts";
import { MemoryLintRecords } from "./lint_records.ts";

lintRecordsContract("MemoryLintRecords", () =>
  Promise.resolve({
    open: () => new MemoryLintRecords(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }), { durable: false });
