import type { Context } from "hono";
import { TransportError } from "../../wire/problem.ts";
import type { HttpEnv, HttpMiddleware } from "../environment.ts";
import { isDirectLoopback } from "../peer.ts";
import { bearerToken } from "./authentication.ts";
import { preflightAnswer } from "./cross_origin.ts";
import type { RateLimits } from "./rate_limits.ts";
import { requestFault, type RequestRules } from "./request_rules.ts";

/** What stands at the door. */
export interface DoorParts extends RequestRules {
  /** `null`: nobody is limited. */
  readonly limits: RateLimits | null;
  /** Folders of paths behind a token. */
  readonly guarded: readonly string[];
}

/** Probes: a limit that makes them fail would turn a flood into an outage. */
const UNLIMITED = new Set(["/health", "/health/ready"]);

/**
 * Looks at a request before it is known whose it is: takes its cost from its address, and refuses what
 * is not addressed to this service or not well formed. Behind a token it is the user who pays; only
 * who comes without a token that has verified before pays by address, before its signature is looked
 * at.
 */
export function door(parts: DoorParts): HttpMiddleware {
  return async (c, next) => {
    const fault = requestFault(c, parts);
    if (parts.limits !== null && (fault !== null || paysByAddress(c, parts, parts.limits))) {
      await parts.limits.chargeAddress(c);
    }
    if (fault !== null) throw new TransportError(fault);
    return preflightAnswer(c, parts.corsOrigins) ?? await next();
  };
}

function paysByAddress(c: Context<HttpEnv>, parts: DoorParts, limits: RateLimits): boolean {
  const { path, method } = c.req;
  if (parts.guarded.some((folder) => path === folder || path.startsWith(`${folder}/`))) {
    const token = bearerToken(c);
    return token === undefined || !limits.knows(token);
  }
  if (method !== "GET" && method !== "HEAD") return true;
  return !(UNLIMITED.has(path) || (path === "/metrics" && isDirectLoopback(c)));
}
