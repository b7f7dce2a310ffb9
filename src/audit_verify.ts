import { parseArgs } from "node:util";
import { verifyChains } from "./compose_audit.ts";
import { describeChain } from "./chain_text.ts";
import { parseConfig } from "./config.ts";
import { readEnvironment } from "./env.ts";
import { machineFacts } from "./machine.ts";

const USAGE = "deno task audit:verify [--head SEQUENCE:HASH]";

/** Verifies the audit's chains and prints what was found of each; the exit code. */
async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { head: { type: "string", multiple: true } } });
  const heads = (values.head ?? []).map(toHead);
  const config = parseConfig(readEnvironment(), machineFacts());
  const reports = await verifyChains(config, heads);
  const lines = reports.length === 0 ? ["no chains", "OK"] : reports.flatMap(describeChain);
  await Deno.stdout.write(new TextEncoder().encode(`${lines.join("\n")}\n`));
  return reports.every(({ faultCount }) => faultCount === 0) ? 0 : 1;
}

function toHead(text: string): { readonly sequence: number; readonly hash: string } {
  const [, sequence, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (hash === undefined) throw new Error(`--head is not '${text}'. Use: ${USAGE}`);
  return { sequence: Number(sequence), hash };
}

try {
  Deno.exit(await main([...Deno.args]));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  await Deno.stderr.write(new TextEncoder().encode(`Cannot verify the audit: ${message}\n`));
  Deno.exit(1);
}
