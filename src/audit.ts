import { AuditTrail, type AuditTrailParts, NOBODY } from "../application/audit_trail.ts";
import { canonicalJson } from "../domain/audit/canonical_json.ts";
import type { Config } from "./config.ts";

/** How often counted refusals are looked for that are to be told of. */
const SWEEP_MS = 10_000;

/** What telling of the service's own life takes. */
export interface AuditTrailOptions extends AuditTrailParts {
  readonly version: string;
  readonly config: Config;
  readonly sha256: (text: string) => string;
  /** What speaks against the log since it was last open, by the code of a violation. */
  readonly violation: string | null;
}

/** A trail that has told of the start, and tells of the stop when the stack closes. */
export async function openAuditTrail(
  options: AuditTrailOptions,
  stack: AsyncDisposableStack,
): Promise<AuditTrail> {
  const { version, config, sha256, violation } = options;
  const audit = new AuditTrail(options);
  stack.defer(() => audit.close());
  const timer = setInterval(() => audit.sweep(), SWEEP_MS);
  stack.defer(() => clearInterval(timer));
  if (violation !== null) audit.refused({ code: violation }, NOBODY);
  const settings = sha256(canonicalJson(withoutSecrets(config)));
  const details = { version, environment: config.environment, settings_sha256: settings };
  await audit.record({ type: "service_started", details }, NOBODY);
  stack.defer(async () => {
    const stopped = audit.record({ type: "service_stopped", details: {} }, NOBODY);
    await stopped.catch((error) => {
      options.faults.write("error", "audit_event_lost", { reason: String(error) });
    });
  });
  return audit;
}

/** The digest of a secret would tell whoever can guess it that the guess is right. */
export function withoutSecrets(config: Config): object {
  const { jwksUrl } = config.jwt;
  const jwt = { ...config.jwt, secret: null, jwksUrl: jwksUrl && withoutQuery(jwksUrl) };
  const graph = withoutPassword(config.graph);
  const records = withoutPassword(config.records);
  const cache = { ...config.cache, redisUrl: null };
  return { ...config, jwt, graph, records, cache, metricsToken: null, mcpToken: null };
}

function withoutPassword<Setting extends { readonly neo4j: object }>(setting: Setting): object {
  return { ...setting, neo4j: { ...setting.neo4j, password: null } };
}

/** Some issuers take a key in their address. */
function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
