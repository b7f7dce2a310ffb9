import { killDuringWrites } from "../fixtures/graph_kills.ts";

Deno.test("100 kills during writes: no acknowledged batch is missing, and none is half there [S9, B3]", () =>
  killDuringWrites(100));
