import type { Context } from "hono";
import type { HttpEnv, HttpMiddleware } from "../environment.ts";

const METHODS = "GET, HEAD, POST, PUT, DELETE";
const REQUEST_HEADERS = "Authorization, Content-Type, Accept, Last-Event-ID, X-Correlation-ID, " +
  "Traceparent, Mcp-Protocol-Version, Mcp-Session-Id, Mcp-Method, Mcp-Name";
const ANSWER_HEADERS = "X-Correlation-ID, RateLimit, RateLimit-Policy, Retry-After, " +
  "WWW-Authenticate, Mcp-Session-Id";
const PREFLIGHT_SECONDS = "600";

/**
 * Lets pages of these origins read answers, refusals among them. Never with cookies: who asks is told
 * by a token alone, so no page can borrow what a browser keeps.
 */
export function readableBy(origins: readonly string[]): HttpMiddleware {
  return async (c, next) => {
    await next();
    const origin = c.req.header("origin");
    const { headers } = c.res;
    headers.append("vary", "Origin");
    if (origin === undefined || !origins.includes(origin)) return;
    headers.set("access-control-allow-origin", origin);
    headers.set("access-control-expose-headers", ANSWER_HEADERS);
  };
}

/** The answer to a browser that asks whether a page of these origins may ask; `null` to all others. */
export function preflightAnswer(c: Context<HttpEnv>, origins: readonly string[]): Response | null {
  if (c.req.method !== "OPTIONS" || origins.length === 0) return null;
  const asked = c.req.header("access-control-request-method");
  if (asked === undefined || !origins.includes(c.req.header("origin") ?? "")) return null;
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-methods": METHODS,
      "access-control-allow-headers": REQUEST_HEADERS,
      "access-control-max-age": PREFLIGHT_SECONDS,
    },
  });
}
