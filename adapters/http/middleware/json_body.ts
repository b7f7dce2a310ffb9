import { setImmediate as nextTurn } from "node:timers/promises";
import type { Context } from "hono";
import { DomainError } from "../../../domain/errors.ts";
import { parseLossless } from "../../wire/lossless_json.ts";
import { TransportError } from "../../wire/problem.ts";
import type { HttpEnv, HttpMiddleware } from "../environment.ts";
import { type BodyPace, BodyWatch } from "./body_pace.ts";
import { MemberCount } from "./member_count.ts";

const JSON_TYPE = /^application\/json(;\s*[a-z0-9-]+=[^;]+)*$/i;

/** Far above what any request needs; parsing and checking so many is still quick. */
const MAX_MEMBERS = 10_000;

/** The protocols need six levels; a reader that recurses stands ten times as many with ease. */
const MAX_DEPTH = 64;

const SHORT_BODY_BYTES = 64 * 1024;

/** Bytes that are decoded in one turn of the event loop. */
const PIECE_BYTES = 256 * 1024;

/**
 * Reads and parses a JSON body of at most `maxBytes`, 10,000 members and 64 levels, counted while it
 * streams, no slower than its pace. Integers that a number cannot hold arrive as `bigint`.
 */
export function jsonBody(maxBytes: number, pace: BodyPace): HttpMiddleware {
  return async (c, next) => {
    requireJsonType(c);
    const body = parseJson(await decoded(await readBody(c.req.raw, maxBytes, pace)));
    // The schema check behind this asks for the body: it gets what was counted and parsed here.
    c.req.json = <T>() => Promise.resolve(body as T);
    await next();
  };
}

function requireJsonType(c: Context<HttpEnv>): void {
  const type = c.req.header("content-type");
  if (type === undefined || !JSON_TYPE.test(type)) {
    const found = type === undefined ? "no content type" : `'${type.slice(0, 100)}'`;
    throw new TransportError({ code: "unsupported_media_type", found });
  }
  const encoding = c.req.header("content-encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    const found = `content encoding '${encoding.slice(0, 40)}'`;
    throw new TransportError({ code: "unsupported_media_type", found });
  }
}

async function readBody(
  request: Request,
  maxBytes: number,
  pace: BodyPace,
): Promise<Uint8Array> {
  const length = Number(request.headers.get("content-length"));
  if (length > maxBytes) throw tooLarge(maxBytes);
  using watch = new BodyWatch(pace);
  // With its length announced, a body cannot be longer; a short one is read and counted at once.
  if (length > 0 && length <= SHORT_BODY_BYTES) {
    return counted(await watch.read(uncut(request.bytes())));
  }
  if (request.body === null) return new Uint8Array();
  return await countedWhileRead(request.body, maxBytes, watch);
}

function counted(body: Uint8Array): Uint8Array {
  requireFewMembers(new MemberCount(), body);
  return body;
}

function requireFewMembers(members: MemberCount, chunk: Uint8Array): void {
  if (members.add(chunk) > MAX_MEMBERS) {
    throw oversized(`of at most ${MAX_MEMBERS} keys and items in all`);
  }
  if (members.deepest > MAX_DEPTH) throw oversized(`of at most ${MAX_DEPTH} levels`);
}

async function countedWhileRead(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  watch: BodyWatch,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const members = new MemberCount();
  let size = 0;
  for await (const chunk of uncutBody(body, watch)) {
    size += chunk.length;
    watch.arrived(chunk.length);
    if (size > maxBytes) throw tooLarge(maxBytes);
    requireFewMembers(members, chunk);
    chunks.push(chunk);
  }
  return joined(chunks, size);
}

/** A body that breaks off means that its caller has left. */
async function* uncutBody(
  body: ReadableStream<Uint8Array>,
  watch: BodyWatch,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    while (true) {
      const { done, value } = await watch.read(uncut(reader.read()));
      if (done) return;
      yield value;
    }
  } finally {
    // Whoever stops reading early wants no more of it; one that broke off has nothing to cancel.
    reader.cancel().catch(() => {});
  }
}

async function uncut<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    throw new DomainError({ code: "cancelled" }, { cause });
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const only = chunks[0];
  if (only !== undefined && chunks.length === 1) return only;
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** A long body takes a turn of the event loop for each piece. */
async function decoded(bytes: Uint8Array): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  try {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      if (at > 0) await nextTurn();
      text += decoder.decode(bytes.subarray(at, at + PIECE_BYTES), { stream: true });
    }
    return text + decoder.decode();
  } catch (cause) {
    throw new TransportError({ code: "malformed_json", reason: "it is not UTF-8" }, { cause });
  }
}

function parseJson(text: string): unknown {
  if (text === "") throw malformed("it is empty");
  try {
    return parseLossless(text);
  } catch (cause) {
    // The parser's own message repeats a part of the body: only its position is passed on.
    const position = cause instanceof Error ? /position (\d+)/.exec(cause.message)?.[1] : undefined;
    throw malformed(
      position === undefined ? "it is not JSON" : `it is not JSON at position ${position}`,
    );
  }
}

function tooLarge(maxBytes: number): TransportError {
  return new TransportError({ code: "body_too_large", maxBytes });
}

function oversized(expected: string): DomainError {
  return new DomainError({
    code: "validation_failed",
    errors: [{ pointer: "", expected, found: "more" }],
  });
}

function malformed(reason: string): TransportError {
  return new TransportError({ code: "malformed_json", reason });
}
