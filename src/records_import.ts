import { parseArgs } from "node:util";
import { fileIn, moving } from "./moving.ts";

const USAGE = "deno task records:import FILE";

await moving("import", (args) => {
  const { positionals } = parseArgs({ args, options: {}, allowPositionals: true });
  return [fileIn(positionals, USAGE), { way: "import" }];
});
