import type { OpenAPIHono } from "@hono/zod-openapi";
import { httpMethodOf, type KnownRoute } from "../../domain/ports/telemetry.ts";
import type { HttpEnv } from "./environment.ts";

/** Every route of the document. */
export function knownRoutes(app: OpenAPIHono<HttpEnv>): KnownRoute[] {
  return app.openAPIRegistry.definitions.flatMap((definition) => {
    if (definition.type !== "route") return [];
    const { method, path, responses } = definition.route;
    const well = Object.keys(responses).map(Number).filter((status) => status < 300);
    const status = Math.min(...well);
    return [{ method: httpMethodOf(method.toUpperCase()), route: path, status }];
  });
}
