import { parseArgs } from "node:util";
import { fileIn, moving } from "./moving.ts";

const USAGE = "deno task records:export FILE [--instance NAME] [--unverified]";

await moving("export", (args) => {
  const options = { instance: { type: "string" }, unverified: { type: "boolean" } } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const { instance = null, unverified = false } = values;
  return [fileIn(positionals, USAGE), { way: "export", instance, unverified }];
});
