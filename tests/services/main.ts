import { SERVICES_ROOT } from "./places.ts";
import { startServices, stopServices } from "./service_set.ts";
import { SERVICE_NAMES, type ServiceName } from "./state.ts";

/** A second Neo4j takes some 500 MB of memory: it has to be asked for. */
const BY_DEFAULT: readonly ServiceName[] = ["neo4j", "redis", "prometheus"];

const USAGE = `usage: deno task services:up [${SERVICE_NAMES.join("|")}]…
       deno task services:down
`;

/** Carries out a command; gives what is to be printed. `null`: there is no such command. */
async function obey([action, ...words]: readonly string[]): Promise<string | null> {
  const names = SERVICE_NAMES.filter((name) => words.includes(name));
  if (words.some((word) => !SERVICE_NAMES.some((name) => name === word))) return null;
  if (action === "up") {
    const services = await startServices(SERVICES_ROOT, names.length > 0 ? names : BY_DEFAULT);
    return services.map(({ name, port, started }) =>
      `${name}: ${started ? "started" : "ran already"}, on 127.0.0.1:${port}\n`
    ).join("");
  }
  if (action !== "down" || words.length > 0) return null;
  const ended = await stopServices(SERVICES_ROOT);
  return ended.length > 0 ? ended.map((name) => `${name}: ended\n`).join("") : "nothing ran\n";
}

if (import.meta.main) {
  const write = (to: { writeSync(bytes: Uint8Array): number }, text: string) =>
    to.writeSync(new TextEncoder().encode(text));
  try {
    const said = await obey(Deno.args);
    write(said === null ? Deno.stderr : Deno.stdout, said ?? USAGE);
    if (said === null) Deno.exitCode = 2;
  } catch (error) {
    write(Deno.stderr, `${error instanceof Error ? error.message : error}\n`);
    Deno.exitCode = 1;
  }
}
