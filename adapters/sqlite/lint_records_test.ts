import { lintRecordsContract } from "../../tests/contracts/lint_records.ts";
import { openLintRecords } from "./lint_records.ts";

lintRecordsContract("SqliteLintRecords", async () => {
  const directory = await Deno.makeTempDir({ dir: "/tmp", prefix: "lint-records-" });
  return {
    open: () => openLintRecords({ path: `${directory}/records.sqlite` }),
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}, { durable: true });
