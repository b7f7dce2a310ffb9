import { killUnderLoad } from "../../adapters/sqlite/audit_killing.ts";

Deno.test("50 kills under load: no acknowledged event is missing, and the chain verifies [S33, B11]", () =>
  killUnderLoad(50));
