import { EventSourceParserStream } from "eventsource-parser/stream";
import { isRecord, type RequestId, RPC_CODES } from "./message.ts";

/**
 * The JSON-RPC messages in an HTTP answer to a request, each as one line without its break. Made as
 * fast as they are taken, so that a client that is slow to read slows its program.
 */
export async function* messagesIn(
  response: Response,
  id: RequestId,
): AsyncGenerator<string, void> {
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("text/event-stream")) {
    for await (const { line } of eventsIn(response)) {
      if (line !== null) yield line;
    }
    return;
  }
  const text = await response.text();
  yield response.ok ? onOneLine(text) : refusal(response.status, text, id);
}

/** One event of a stream. */
export interface StreamEvent {
  readonly id: string | undefined;
  /** The message in it, if it has one. */
  readonly line: string | null;
}

/** The events of a stream, as fast as they are taken. */
export async function* eventsIn({ body }: Response): AsyncGenerator<StreamEvent, void> {
  if (body === null) return;
  const events = body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream());
  for await (const { id, event = "message", data } of events) {
    yield { id, line: event === "message" && data !== "" ? onOneLine(data) : null };
  }
}

/** A JSON-RPC error as a line. `data` says what a program can go by. */
export function errorLine(
  id: RequestId | null,
  error: { readonly code: number; readonly message: string; readonly data?: unknown },
): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error });
}

/** Whether a message answers its request, and so ends it. */
export function isAnswer(line: string): boolean {
  const message: unknown = JSON.parse(line);
  return isRecord(message) && !("method" in message);
}

/** JSON has breaks only between its parts. */
function onOneLine(json: string): string {
  return json.replaceAll(/[\r\n]+/g, " ");
}

/** The protocol's own error, or a problem document, as the answer to `id`. */
function refusal(status: number, text: string, id: RequestId): string {
  const body = jsonOrNull(text);
  if (isRecord(body) && isRecord(body.error)) return JSON.stringify({ ...body, id });
  if (!isRecord(body) || typeof body.detail !== "string") {
    const message = `Cannot answer: the service refused with the HTTP status ${status}`;
    return errorLine(id, { code: RPC_CODES.internal, message });
  }
  // Whoever reads this has sent no token: the command did.
  const hint = status === 401 ? ". The token comes from MCP_TOKEN: start with a good one" : "";
  const message = `${body.detail}${hint}`;
  return errorLine(id, { code: RPC_CODES.internal, message, data: body });
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
