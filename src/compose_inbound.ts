import { createHttpApp, type HttpApp, type HttpParts } from "../adapters/http/app.ts";
import { BODY_PACE } from "../adapters/http/middleware/body_pace.ts";
import { PeerWatch } from "../adapters/http/peer_watch.ts";
import { createMcpEndpoint } from "../adapters/mcp/server.ts";
import { MemoryRateLimiter } from "../adapters/memory/rate_limiter.ts";
import { newRandomId } from "../adapters/system/ids.ts";
import { sleep } from "../adapters/system/sleep.ts";
import type { Application } from "../application/application.ts";
import type { Audit } from "../application/audit_trail.ts";
import { counted } from "../application/decorators/counted.ts";
import { Watchers, type WatchersParts } from "../application/watchers.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { Log } from "../domain/ports/log.ts";
import type { Peers } from "../domain/ports/peers.ts";
import type { Tracer } from "../domain/ports/tracer.ts";
import type { TokenVerifier } from "../domain/ports/token_verifier.ts";
import type { SharedState } from "./compose_redis.ts";
import type { OpenedTelemetry } from "./compose_telemetry.ts";
import { VERSION } from "./compose_version.ts";
import type { Config } from "./config.ts";

/** What stands behind the doors, and what they tell. */
export interface InboundParts {
  readonly application: Application;
  readonly audit: Audit;
  readonly tokens: TokenVerifier;
  readonly log: Log;
  readonly clock: Clock;
  readonly telemetry: OpenedTelemetry;
  readonly revokedTokens: WatchersParts["revokedTokens"];
  /** What instances share; `null`: there is one. */
  readonly shared: SharedState | null;
  readonly peers: Peers;
  /** `undefined`: nothing is traced. */
  readonly tracer: Tracer | undefined;
}

/** The ways in. */
export interface Inbound extends HttpApp {
  /** Ends the streams of MCP that would last for ever, and begins no more. */
  endStreams(): void;
}

/** Opens the ways in: HTTP, and MCP within it. */
export function openInbound(
  config: Config,
  parts: InboundParts,
  stack: AsyncDisposableStack,
): Inbound {
  const { ceilings, fileCaps } = config.execution;
  const shared = { ...parts, version: VERSION, ceilings, fileCaps };
  const watchers = new Watchers({ ...parts, sleep });
  const mcp = stack.use(createMcpEndpoint({ ...shared, watchers }));
  const peers = stack.use(new PeerWatch(parts.peers, () => parts.clock.monotonic()));
  const app = createHttpApp({
    ...shared,
    peers,
    newId: newRandomId,
    limits: rateLimits(config, parts),
    trustedProxies: config.inbound.trustedProxies,
    allowedHosts: [...config.inbound.allowedHosts, config.host.toLowerCase()],
    corsOrigins: config.inbound.corsOrigins,
    maxBodyBytes: config.maxBodyBytes,
    bodyPace: BODY_PACE,
    metrics: parts.telemetry,
    metricsToken: config.metricsToken,
    mcp: (request, call) => mcp.fetch(request, call),
  });
  parts.telemetry.expect(app.known);
  return { ...app, endStreams: () => mcp.endStreams() };
}

function rateLimits(
  { inbound }: Config,
  { clock, telemetry, shared }: InboundParts,
): HttpParts["limits"] {
  const { rateLimit: rule } = inbound;
  if (rule === null) return null;
  const limiter = (name: "users" | "addresses") => {
    const local = new MemoryRateLimiter({ rule, monotonic: () => clock.monotonic() });
    return counted(shared?.limiter(name, rule, local) ?? local, telemetry);
  };
  return { rule, users: limiter("users"), addresses: limiter("addresses") };
}
