import { killServiceDuringWrites } from "../fixtures/service_kills.ts";

Deno.test("50 kills of the service during writes: no acknowledged batch is missing, and none is half there [S9, B3]", () =>
  killServiceDuringWrites(50));
