import type { Context } from "hono";
import { TransportError } from "../../wire/problem.ts";
import type { HttpEnv, HttpMiddleware } from "../environment.ts";

/** The media types that routes can answer with. */
export type AnswerType = "application/json" | "text/event-stream" | "application/x-ndjson";

interface Preference {
  /** 0 to 1. */
  readonly quality: number;
  /** How closely the range names the type: 0 for any, 1 for any of its kind, 2 for itself. */
  readonly closeness: number;
}

const NOT_WANTED: Preference = { quality: 0, closeness: 0 };

/** Refuses a caller that takes no JSON. */
export function acceptsJson(): HttpMiddleware {
  return acceptsOneOf(["application/json"]);
}

/** Refuses a caller that takes none of what a route offers. */
export function acceptsOneOf(offered: readonly AnswerType[]): HttpMiddleware {
  return async (c, next) => {
    acceptedType(c, offered);
    await next();
  };
}

/**
 * Which of the types that a route offers, most usual first, the caller likes best.
 *
 * @throws {TransportError} `not_acceptable` when it takes none of them.
 */
export function acceptedType(c: Context<HttpEnv>, offered: readonly AnswerType[]): AnswerType {
  const accept = c.req.header("accept");
  const [usual] = offered;
  if (usual !== undefined && (accept === undefined || accept === "*/*")) return usual;
  const ranges = (accept ?? "").toLowerCase().split(",");
  const liked = offered
    .map((type) => ({ type, ...preferenceOf(type, ranges) }))
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality || b.closeness - a.closeness);
  if (liked[0] !== undefined) return liked[0].type;
  const found = (accept ?? "").slice(0, 100);
  throw new TransportError({ code: "not_acceptable", found, expected: usual ?? "" });
}

/** What the range that names a type most closely says of it. */
function preferenceOf(type: AnswerType, ranges: readonly string[]): Preference {
  const names = ["*/*", type.replace(/\/.*/, "/*"), type];
  return ranges.reduce<Preference>((closest, range) => {
    const [name = "", ...parameters] = range.split(";").map((part) => part.trim());
    const closeness = names.indexOf(name);
    if (closeness < closest.closeness) return closest;
    return { quality: qualityOf(parameters), closeness };
  }, NOT_WANTED);
}

function qualityOf(parameters: readonly string[]): number {
  const quality = parameters.find((parameter) => parameter.startsWith("q="));
  return quality === undefined ? 1 : Number(quality.slice(2)) || 0;
}
