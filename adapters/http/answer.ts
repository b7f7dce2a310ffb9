import type { TypedResponse } from "hono";
import type { StatusCode } from "hono/utils/http-status";
import { toJson } from "../wire/json.ts";
import { LongTexts } from "../wire/long_texts.ts";

/** A JSON answer without live markup, typed so that a body that does not fit its route is an error. */
export function answerJson<Body extends object, Status extends StatusCode>(
  body: Body,
  status: Status,
  headers?: Readonly<Record<string, string>>,
): Response & TypedResponse<Body, Status, "json"> {
  return typed(toJson(body), status, headers);
}

/** The same for a body that can have long texts in it: one that has is a stream. */
export function answerLongJson<Body extends object, Status extends StatusCode>(
  body: Body,
  status: Status,
): Response & TypedResponse<Body, Status, "json"> {
  return typed(new LongTexts().body(body), status);
}

function typed<Body, Status extends StatusCode>(
  json: string | ReadableStream<Uint8Array<ArrayBuffer>>,
  status: Status,
  headers?: Readonly<Record<string, string>>,
): Response & TypedResponse<Body, Status, "json"> {
  const response = new Response(json, {
    status,
    headers: { ...headers, "content-type": "application/json" },
  });
  return response as Response & TypedResponse<Body, Status, "json">;
}
