import type { TypedResponse } from "hono";
import type { StatusCode } from "hono/utils/http-status";
import { LongTexts } from "../wire/long_texts.ts";

/**
 * A JSON answer without live markup, typed so that a body that does not fit its route is an error.
 * One with long texts in it is a stream.
 */
export function answerJson<Body extends object, Status extends StatusCode>(
  body: Body,
  status: Status,
  headers?: Readonly<Record<string, string>>,
): Response & TypedResponse<Body, Status, "json"> {
  const response = new Response(new LongTexts().body(body), {
    status,
    headers: { ...headers, "content-type": "application/json" },
  });
  return response as Response & TypedResponse<Body, Status, "json">;
}
