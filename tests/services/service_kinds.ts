import { installNeo4j, type Neo4jInstall } from "./neo4j_install.ts";
import { prepareNeo4j } from "./neo4j_server.ts";
import { answersCypher } from "./neo4j_answers.ts";
import { answersPing, isReadyOverHttp } from "./probes.ts";
import type { ServiceName, StartedService } from "./state.ts";

/** Where a service is to run. */
export interface Place {
  /** The service's own folder, which is not there yet. */
  readonly folder: string;
  /** On 127.0.0.1. */
  readonly port: number;
}

/** How a service is started and recognised. */
export interface ServiceKind {
  /** Prepares the folder; gives the command that becomes the service. */
  prepare(place: Place): Promise<Prepared>;
  isReady(service: StartedService): Promise<boolean>;
}

export interface Prepared {
  readonly command: readonly string[];
  readonly password: string | null;
}

/** Scrapes whatever the files in `targets/` name, within a second of their change. */
const PROMETHEUS_YAML = `global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: tests
    file_sd_configs: [{files: [targets/*.json], refresh_interval: 1s}]
`;

async function redis({ folder, port }: Place): Promise<Prepared> {
  await Deno.mkdir(folder, { recursive: true });
  const options = { bind: "127.0.0.1", port, dir: folder, save: "", appendonly: "no" };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  return { command: ["redis-server", ...args], password: null };
}

async function prometheus({ folder, port }: Place): Promise<Prepared> {
  await Deno.mkdir(`${folder}/targets`, { recursive: true });
  await Deno.writeTextFile(`${folder}/prometheus.yml`, PROMETHEUS_YAML);
  const command = [
    "prometheus",
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  return { command, password: null };
}

/** The services by name; what they share lies in `root`. */
export function serviceKinds(root: string): Readonly<Record<ServiceName, ServiceKind>> {
  let installing: Promise<Neo4jInstall> | null = null;
  const neo4j: ServiceKind = {
    async prepare(place) {
      const install = await (installing ??= installNeo4j(root));
      return { command: await prepareNeo4j(install, place), password: install.password };
    },
    isReady: ({ port, password }) => answersCypher(port, password ?? ""),
  };
  return {
    neo4j,
    records: neo4j,
    redis: { prepare: redis, isReady: ({ port }) => answersPing(port) },
    prometheus: { prepare: prometheus, isReady: ({ port }) => isReadyOverHttp(port) },
  };
}
