import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { problemSchema } from "../wire/problem.ts";
import { type ProblemCode, PROBLEMS } from "../wire/problem_table.ts";
import type { HttpEnv } from "./environment.ts";

/** What every route behind a token can answer to whoever is not let in. */
export const TOKEN_PROBLEMS = [
  "unauthenticated",
  "token_expired",
  "token_revoked",
  "rate_limited",
  "dependency_unavailable",
] as const;

/** What every route with a JSON body can answer. */
export const BODY_PROBLEMS = [
  "malformed_json",
  "body_too_slow",
  "body_too_large",
  "unsupported_media_type",
  "validation_failed",
] as const;

/** What every route of the graph can answer. */
export const GRAPH_PROBLEMS = [
  "forbidden",
  "not_acceptable",
  "dependency_unavailable",
  "circuit_open",
  "shutting_down",
] as const;

/** What every route can answer. */
const USUAL_PROBLEMS = [
  "malformed_request",
  "host_not_allowed",
  "origin_not_allowed",
  "internal",
] as const;

/** The security requirement of a route behind a token. */
export const BEARER = [{ bearer: [] }];

/** The correlation header that every answer carries. */
const correlationHeader = z.object({
  "X-Correlation-ID": z.string().meta({ description: "The request's id, sent or made." }),
});

interface ProblemResponse {
  description: string;
  headers: typeof correlationHeader;
  content: { "application/problem+json": { schema: typeof problemSchema } };
}

/** The documented problem answers of a route, by status. Those of every route are always among them. */
export function problemResponses(codes: readonly ProblemCode[]): Record<number, ProblemResponse> {
  const responses: Record<number, ProblemResponse> = {};
  for (const code of new Set([...codes, ...USUAL_PROBLEMS])) {
    const { status, title } = PROBLEMS[code];
    const before = responses[status];
    const line = `\`${code}\`: ${title}.`;
    responses[status] = {
      description: before === undefined ? line : `${before.description} ${line}`,
      headers: correlationHeader,
      content: { "application/problem+json": { schema: problemSchema } },
    };
  }
  return responses;
}

/** A documented JSON answer. */
export function jsonResponse<Schema extends z.ZodType>(
  description: string,
  schema: Schema,
): {
  description: string;
  headers: typeof correlationHeader;
  content: { "application/json": { schema: Schema } };
} {
  return { description, headers: correlationHeader, content: { "application/json": { schema } } };
}

type OpenApiDocument = ReturnType<OpenAPIHono["getOpenAPI31Document"]>;

/** The OpenAPI 3.1 document, made from the schemas that validate. */
export function openApiDocument(app: OpenAPIHono<HttpEnv>, version: string): OpenApiDocument {
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Ultimate MCP",
      version,
      description: "A self-hosted tool server for AI agents: untrusted code runs in a sandbox.",
    },
    servers: [{ url: "/" }],
  });
}
