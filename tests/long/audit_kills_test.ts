import { killUnderLoad } from "../fixtures/audit_kills.ts";

Deno.test("50 kills under load: no acknowledged event is missing, and the chain verifies [S33, B11]", () =>
  killUnderLoad(50));
