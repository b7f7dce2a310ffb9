import { TransportError } from "../../wire/problem.ts";
import type { HttpMiddleware } from "../environment.ts";

const JSON_RANGES = new Set(["*/*", "application/*", "application/json"]);

/** Refuses a caller that takes no JSON. */
export function acceptsJson(): HttpMiddleware {
  return async (c, next) => {
    const accept = c.req.header("accept");
    if (accept !== undefined && !accept.split(",").some(allowsJson)) {
      throw new TransportError({ code: "not_acceptable", found: accept.slice(0, 100) });
    }
    await next();
  };
}

function allowsJson(range: string): boolean {
  const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
  return JSON_RANGES.has(type) && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
}
