/** A JSON-RPC request's id. */
export type RequestId = string | number;

/** The id of a message that wants an answer; `null` of a notification or an answer. */
export function requestIdOf(message: unknown): RequestId | null {
  if (!isRecord(message) || typeof message.method !== "string") return null;
  const { id } = message;
  return typeof id === "string" || typeof id === "number" ? id : null;
}

/** Which request a message cancels, if it cancels one. */
export function cancelledBy(message: unknown): RequestId | null {
  if (!isRecord(message) || message.method !== "notifications/cancelled") return null;
  const id = isRecord(message.params) ? message.params.requestId : undefined;
  return typeof id === "string" || typeof id === "number" ? id : null;
}

/** The method of a message, if it has one. */
export function methodOf(message: unknown): string | null {
  return isRecord(message) && typeof message.method === "string" ? message.method : null;
}

/** A fault of the protocol, as an answer of HTTP. */
export function rpcRefusal(
  status: number,
  error: { readonly code: number; readonly message: string },
  id: RequestId | null = null,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json({ jsonrpc: "2.0", id, error }, { status, headers });
}

/** Whether an answer is a stream of events. */
export function isStream(response: Response): boolean {
  return response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
