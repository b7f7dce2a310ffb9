import { createHash, timingSafeEqual } from "node:crypto";
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { DomainError } from "../../../domain/errors.ts";
import type { HttpEnv, HttpMiddleware } from "../environment.ts";
import { problemResponses } from "../openapi.ts";
import { isDirectLoopback } from "../peer.ts";

/** What `/metrics` takes. */
export interface MetricsParts {
  readonly metrics: {
    /** The Prometheus text of every metric. */
    text(): Promise<string>;
  };
  /** The token that lets a scraper in from elsewhere; `null`: loopback only. */
  readonly metricsToken: string | null;
}

/** `GET /metrics`, for loopback peers and holders of the metrics token. */
export function addMetricsRoute(app: OpenAPIHono<HttpEnv>, parts: MetricsParts): void {
  app.openapi(metricsRoute(scrapersOnly(parts.metricsToken)), async (c) => {
    const headers = { "content-type": "text/plain; version=0.0.4; charset=utf-8" };
    return c.text(await parts.metrics.text(), 200, headers);
  });
}

function metricsRoute(gate: HttpMiddleware) {
  return createRoute({
    method: "get",
    path: "/metrics",
    summary: "Metrics for Prometheus",
    description: "To a loopback peer without a proxy between, or with the metrics token.",
    security: [{ metrics_token: [] }, {}],
    middleware: [gate] as const,
    responses: {
      200: {
        description: "The Prometheus text format 0.0.4.",
        content: { "text/plain": { schema: z.string() } },
      },
      ...problemResponses(["unauthenticated", "rate_limited"]),
    },
  });
}

function scrapersOnly(metricsToken: string | null): HttpMiddleware {
  return async (c, next) => {
    if (!isDirectLoopback(c) && !holdsToken(c, metricsToken)) {
      const reason = "metrics go to a loopback peer without a proxy, or to the metrics token";
      throw new DomainError({ code: "unauthenticated", reason });
    }
    await next();
  };
}

function holdsToken(c: Context<HttpEnv>, metricsToken: string | null): boolean {
  const header = c.req.header("authorization");
  if (metricsToken === null || header === undefined) return false;
  // Digests are of one length, so that the comparison tells nothing of the token's.
  return timingSafeEqual(digest(header), digest(`Bearer ${metricsToken}`));
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
