/** A request's id. */
export type RequestId = string | number;

/** A JSON-RPC message that wants something done. */
export interface Message {
  /** As it was sent: integers that no number of JavaScript holds stay what they are. */
  readonly text: string;
  /** `null`: a notification, which nobody answers. */
  readonly id: RequestId | null;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** The client's answer to what the service has asked. */
export interface ClientAnswer {
  readonly text: string;
  readonly method: null;
}

/** Codes of JSON-RPC errors that are made here. */
export const RPC_CODES = { parse: -32700, invalid: -32600, internal: -32603 } as const;

/** A line that cannot be passed on. */
export class MessageFault extends Error {
  readonly code: number;
  /** `null` where it could not be read. */
  readonly id: RequestId | null;

  constructor(code: number, message: string, id: RequestId | null = null) {
    super(message);
    this.name = "MessageFault";
    this.code = code;
    this.id = id;
  }
}

const VERSION_KEY = "io.modelcontextprotocol/protocolVersion";

/** Which member of a request `Mcp-Name` repeats. */
const NAMED_BY: ReadonlyMap<string, string> = new Map([
  ["tools/call", "name"],
  ["prompts/get", "name"],
  ["resources/read", "uri"],
]);

/**
 * Reads a line.
 *
 * @throws {MessageFault} when it is no JSON-RPC message.
 */
export function readMessage(text: string): Message | ClientAnswer {
  const sent = parsed(text);
  if (!isRecord(sent)) {
    const found = Array.isArray(sent) ? "a batch, which this protocol no longer has" : "no object";
    throw new MessageFault(RPC_CODES.invalid, `Cannot read the message: it is ${found}`);
  }
  const { id, method, params } = sent;
  const known = typeof id === "string" || typeof id === "number" ? id : null;
  const invalid = (reason: string) =>
    new MessageFault(RPC_CODES.invalid, `Cannot read the message: ${reason}`, known);
  if (sent.jsonrpc !== "2.0") throw invalid("'jsonrpc' is not '2.0'");
  if (method === undefined && ("result" in sent || "error" in sent)) return { text, method: null };
  if (typeof method !== "string") throw invalid("'method' is no string");
  if ("id" in sent && known === null) throw invalid("'id' is neither a string nor a number");
  return { text, id: known, method, params: isRecord(params) ? params : {} };
}

/** Whether a message goes in its client's session: those since 2026-07-28 say all by themselves. */
export function usesSession({ method, params }: Message): boolean {
  const claimed = isRecord(params._meta) ? params._meta[VERSION_KEY] : undefined;
  return typeof claimed !== "string" && method !== "initialize";
}

/**
 * The protocol's headers of a message over HTTP. A client of the current revision says the version in
 * each message, an earlier one has `negotiated` it.
 */
export function protocolHeaders(
  { method, params }: Message,
  negotiated: string | null,
): Record<string, string> {
  const claimed = isRecord(params._meta) ? params._meta[VERSION_KEY] : undefined;
  if (typeof claimed !== "string") {
    const old = negotiated === null || method === "initialize";
    return old ? {} : { "mcp-protocol-version": negotiated };
  }
  const name = params[NAMED_BY.get(method) ?? ""];
  return {
    ...(isVisible(claimed) ? { "mcp-protocol-version": claimed } : {}),
    ...(isVisible(method) ? { "mcp-method": method } : {}),
    ...(typeof name === "string" ? { "mcp-name": headerValue(name) } : {}),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MessageFault(RPC_CODES.parse, `Cannot read the message: ${reason.slice(0, 200)}`);
  }
}

/** Whether a text is an object of JSON. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isVisible(text: string): boolean {
  return /^[!-~]+$/.test(text);
}

/** What a header cannot carry as it stands, or would be taken for encoded, goes as base64. */
function headerValue(text: string): string {
  const plain = /^[!-~]([ -~]*[!-~])?$/.test(text) && !text.startsWith("=?base64?");
  return plain ? text : `=?base64?${new TextEncoder().encode(text).toBase64()}?=`;
}
