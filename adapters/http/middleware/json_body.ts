import type { Context } from "hono";
import { DomainError } from "../../../domain/errors.ts";
import { parseKinds, parseLossless } from "../../wire/lossless_json.ts";
import { TransportError } from "../../wire/problem.ts";
import type { HttpEnv, HttpMiddleware } from "../environment.ts";
import { type BodyPace, BodyWatch } from "./body_pace.ts";
import { MemberCount } from "./member_count.ts";
import { parsedBody } from "./parsed_body.ts";

const JSON_TYPE = "application/json";
const PARAMETERS = /^(;\s*[a-z0-9-]+=[^;]+)*$/i;

/** The protocols need six levels; a reader that recurses stands ten times as many with ease. */
const MAX_DEPTH = 64;

const SHORT_BODY_BYTES = 64 * 1024;

/** Bytes of a piece that is parsed in one turn of the event loop: some milliseconds. */
const CUT_BYTES = 32 * 1024;

/** How many members a body may have, and who parses it. */
export interface BodyRules {
  /** Keys and items in all. */
  readonly maxMembers: number;
  /** Those of an item of the outermost object's lists; as many in what is around them. */
  readonly maxItemMembers: number;
  readonly parse: (text: string) => unknown;
  /** Whether it is parsed piece by piece, with turns for others in between. */
  readonly inPieces: boolean;
}

/** What any request needs and much more; parsing and checking so many is still quick. */
export const USUAL_RULES: BodyRules = {
  maxMembers: 10_000,
  maxItemMembers: 10_000,
  parse: parseLossless,
  inPieces: false,
};

/** The same, with every number's kind kept. */
export const KINDS_RULES: BodyRules = { ...USUAL_RULES, parse: parseKinds };

/** For lists of many items, each of them bounded. */
export const BATCH_RULES: BodyRules = {
  maxMembers: 1_000_000,
  maxItemMembers: 20_000,
  parse: parseKinds,
  inPieces: true,
};

/**
 * Reads and parses a JSON body of at most `maxBytes`, 64 levels, and as many members as its rules say,
 * counted while it streams, no slower than its pace. By the usual rules integers that a number cannot
 * hold arrive as `bigint`.
 */
export function jsonBody(
  maxBytes: number,
  pace: BodyPace,
  rules: BodyRules = USUAL_RULES,
): HttpMiddleware {
  return async (c, next) => {
    requireType(c, JSON_TYPE);
    const bounds = new BodyBounds(maxBytes, rules);
    const bytes = await readBody(c.req.raw, bounds, pace);
    const body = await parsedBody(bytes, bounds.cuts, rules.parse);
    // The schema check behind this asks for the body: it gets what was counted and parsed here.
    c.req.json = <T>() => Promise.resolve(body as T);
    await next();
  };
}

/** @throws {TransportError} `unsupported_media_type` for a body that is of another type, or encoded. */
export function requireType(c: Context<HttpEnv>, expected: string): void {
  const type = c.req.header("content-type");
  const fits = type?.slice(0, expected.length).toLowerCase() === expected &&
    PARAMETERS.test(type.slice(expected.length));
  if (!fits) {
    const found = type === undefined ? "no content type" : `'${type.slice(0, 100)}'`;
    throw new TransportError({ code: "unsupported_media_type", found, expected });
  }
  const encoding = c.req.header("content-encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    const found = `content encoding '${encoding.slice(0, 40)}'`;
    throw new TransportError({ code: "unsupported_media_type", found });
  }
}

async function readBody(request: Request, bounds: BodyBounds, pace: BodyPace): Promise<Uint8Array> {
  const length = Number(request.headers.get("content-length"));
  bounds.requireSize(length);
  using watch = new BodyWatch(pace);
  // With its length announced, a body cannot be longer; a short one is read and counted at once.
  if (length > 0 && length <= SHORT_BODY_BYTES) {
    return bounds.counted(await watch.read(uncut(request.bytes())));
  }
  if (request.body === null) return new Uint8Array();
  return await countedWhileRead(request.body, bounds, watch);
}

/** Holds a body against its bounds while it comes, and notes where it can be cut. */
class BodyBounds {
  readonly #maxBytes: number;
  readonly #rules: BodyRules;
  readonly #members: MemberCount;
  /** Offsets of commas that the body can be cut at, so far apart that each piece is worth its turn. */
  readonly cuts: number[] = [];

  constructor(maxBytes: number, rules: BodyRules) {
    this.#maxBytes = maxBytes;
    this.#rules = rules;
    this.#members = rules.inPieces
      ? new MemberCount((offset) => this.#separator(offset))
      : new MemberCount();
  }

  requireSize(bytes: number): void {
    if (bytes > this.#maxBytes) throw tooLarge(this.#maxBytes);
  }

  counted(chunk: Uint8Array): Uint8Array {
    const { maxMembers, maxItemMembers } = this.#rules;
    if (this.#members.add(chunk) > maxMembers) {
      throw oversized(`of at most ${maxMembers} keys and items in all`);
    }
    if (this.#members.sinceItem > maxItemMembers) {
      throw oversized(`of items with at most ${maxItemMembers} keys and items each`);
    }
    if (this.#members.deepest > MAX_DEPTH) throw oversized(`of at most ${MAX_DEPTH} levels`);
    return chunk;
  }

  #separator(offset: number): void {
    if (offset - (this.cuts.at(-1) ?? 0) >= CUT_BYTES) this.cuts.push(offset);
  }
}

async function countedWhileRead(
  body: ReadableStream<Uint8Array>,
  bounds: BodyBounds,
  watch: BodyWatch,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of uncutBody(body, watch)) {
    size += chunk.length;
    watch.arrived(chunk.length);
    bounds.requireSize(size);
    chunks.push(bounds.counted(chunk));
  }
  return joined(chunks, size);
}

/** The chunks of a body. One that breaks off means that its caller has left. */
export async function* uncutBody(
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

function tooLarge(maxBytes: number): TransportError {
  return new TransportError({ code: "body_too_large", maxBytes });
}

function oversized(expected: string): DomainError {
  return new DomainError({
    code: "validation_failed",
    errors: [{ pointer: "", expected, found: "more" }],
  });
}
