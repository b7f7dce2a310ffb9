import { testRecordsContract } from "../../tests/contracts/test_records.ts";
import { openTestRecords } from "./test_records.ts";

testRecordsContract("SqliteTestRecords", async () => {
  const directory = await Deno.makeTempDir({ prefix: "test-records-" });
  return {
    open: () => openTestRecords({ path: `${directory}/records.sqlite` }),
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}, { durable: true });
