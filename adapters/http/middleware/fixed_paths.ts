import type { HttpMiddleware } from "../environment.ts";
import { methodNotAllowed } from "../problem.ts";

/**
 * Refuses the methods that a path without parameters does not have before a path with one answers for it:
 * `DELETE /api/v1/executions/dead` cancels no run named "dead".
 */
export function onlyMethodsOf(paths: ReadonlyMap<string, readonly string[]>): HttpMiddleware {
  return (c, next) => {
    const methods = paths.get(c.req.path);
    if (methods !== undefined && !methods.includes(c.req.method)) methodNotAllowed(methods)(c);
    return next();
  };
}
