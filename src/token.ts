import { parseArgs } from "node:util";
import { isRole, type Role, ROLES } from "../domain/identity/role.ts";
import { issueToken } from "./compose_tokens.ts";
import { parseConfig } from "./config.ts";
import { readEnvironment } from "./env.ts";
import { machineFacts } from "./machine.ts";

const USAGE = `deno task token --user NAME --role ${ROLES.join("|")} [--ttl 90s|15m|1h|30d]`;
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Prints a token that the service with this environment accepts. */
async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      user: { type: "string" },
      role: { type: "string", multiple: true },
      ttl: { type: "string", default: "1h" },
    },
  });
  const subject = values.user ?? fail("--user is missing");
  const roles = (values.role ?? [fail("--role is missing")]).map(toRole);
  const config = parseConfig(readEnvironment(), machineFacts());
  const token = await issueToken(config, { subject, roles, ttlSeconds: toSeconds(values.ttl) });
  await Deno.stdout.write(new TextEncoder().encode(`${token}\n`));
}

function toRole(text: string): Role {
  return isRole(text) ? text : fail(`--role must be one of ${ROLES.join(", ")}, found '${text}'`);
}

function toSeconds(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS[unit ?? ""] ?? 0);
  return seconds > 0 ? seconds : fail(`--ttl must be like 90s, 15m, 1h or 30d, found '${text}'`);
}

function fail(reason: string): never {
  throw new Error(`Cannot make a token: ${reason}. Use: ${USAGE}`);
}

try {
  await main([...Deno.args]);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  await Deno.stderr.write(new TextEncoder().encode(`${message}\n`));
  Deno.exit(1);
}
