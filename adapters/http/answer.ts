import type { TypedResponse } from "hono";
import type { StatusCode } from "hono/utils/http-status";
import { setImmediate as nextTurn } from "node:timers/promises";
import { toJson } from "../wire/json.ts";
import { LongTexts } from "../wire/long_texts.ts";
import { pieceStream } from "./piece_stream.ts";

/**
 * A JSON answer whose text is made in pieces, with turns for others in between, and is inert as it comes.
 * More than one are sent as a stream, no faster than they are read.
 */
export async function answerPieces<Body extends object>(
  texts: Iterable<string>,
): Promise<Response & TypedResponse<Body, 200, "json">> {
  const pieces: string[] = [];
  for (const text of texts) {
    if (pieces.length > 0) await nextTurn();
    pieces.push(text);
  }
  const body = pieces.length === 1 ? pieces[0] ?? "" : await pieceStream(taken(pieces), pieces);
  const response = new Response(body, { headers: { "content-type": "application/json" } });
  return response as Response & TypedResponse<Body, 200, "json">;
}

/** What was sent is not kept. */
async function* taken(pieces: string[]): AsyncGenerator<string> {
  for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) yield piece;
}

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
