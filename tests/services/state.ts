import type { ProcessIdentity } from "./processes.ts";

/** The services that tests can have. `records` is a second Neo4j: Community keeps one database a server. */
export const SERVICE_NAMES = ["neo4j", "records", "redis", "prometheus"] as const;

export type ServiceName = (typeof SERVICE_NAMES)[number];

/** A service that was started. */
export interface StartedService {
  readonly process: ProcessIdentity;
  /** On 127.0.0.1. */
  readonly port: number;
  /** Of the user `neo4j`; `null` for a service that asks for none. */
  readonly password: string | null;
}

/** What was started, by name. */
export type ServiceState = Readonly<Partial<Record<ServiceName, StartedService>>>;

/**
 * What the file says. A file that is not there says nothing, and one that is cut short or of another
 * shape neither: the machine was stopped while somebody worked on it.
 */
export async function readState(path: string): Promise<ServiceState> {
  try {
    return stateOf(JSON.parse(await Deno.readTextFile(path)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return {};
    throw error;
  }
}

/** Replaces the file as a whole; readers see the old one or the new one. Only its owner can read it. */
export async function writeState(path: string, state: ServiceState): Promise<void> {
  await Deno.writeTextFile(`${path}.new`, JSON.stringify(state, null, 2) + "\n", { mode: 0o600 });
  await Deno.rename(`${path}.new`, path);
}

function stateOf(json: unknown): ServiceState {
  if (!isRecord(json)) return {};
  const known = SERVICE_NAMES.flatMap((name) => {
    const service = serviceOf(json[name]);
    return service === null ? [] : [[name, service] as const];
  });
  return Object.fromEntries(known);
}

function serviceOf(json: unknown): StartedService | null {
  if (!isRecord(json) || !isRecord(json.process)) return null;
  const { process: { pid, ticks, boot }, port, password } = json;
  const valid = Number.isInteger(pid) && Number(pid) > 1 && typeof ticks === "string" &&
    typeof boot === "string" && Number.isInteger(port) &&
    (password === null || typeof password === "string");
  if (!valid) return null;
  return { process: { pid: Number(pid), ticks, boot }, port: Number(port), password };
}

function isRecord(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
