import { type BufferedLog, createLog } from "../adapters/logging/json_log.ts";
import { cleaning, redaction } from "../adapters/logging/redaction.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { LOG_EVENTS } from "../domain/ports/log_events.ts";
import type { Config } from "./config.ts";

/** The log of a process, which tells no secret of its settings. */
export function openLog(config: Config): BufferedLog {
  const redact = redaction(LOG_EVENTS, secretsOf(config));
  return createLog({ ...config.log, clock: systemClock, redact });
}

/** Cuts the same secrets out of what others say of themselves, where it is shown. */
export function cleaner(config: Config): (text: string) => string {
  return cleaning(secretsOf(config));
}

/** Every secret of the settings, as it stands there and as a URL has it. */
function secretsOf(
  { jwt, metricsToken, mcpToken, cache, graph, records, telemetry }: Config,
): string[] {
  const { metrics, traces } = telemetry;
  const sent = [metrics.otlp, traces.otlp].flatMap((otlp) => Object.values(otlp?.headers ?? {}));
  // Of a header such as `Bearer …` what is after its first word may be told alone.
  const bare = sent.map((header) => header.replace(/^[\w-]+ +/, ""));
  const inUrl = URL.parse(cache.redisUrl)?.password ?? "";
  const passwords = [graph.neo4j.password, records.neo4j.password];
  const all = [jwt.secret, metricsToken, mcpToken, ...passwords, inUrl, ...sent, ...bare];
  const set = all.filter((secret) => secret !== null);
  return [
    ...new Set(set.flatMap((secret) => [secret, decoded(secret), encodeURIComponent(secret)])),
  ];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
