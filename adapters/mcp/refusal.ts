/** How the library's sentences begin: what comes behind is its caller's headers, or all of a message. */
const BEGINNINGS: readonly RegExp[] = [
  /^Rejected [\w -]+ \([a-z-]+\)/,
  /^Bad Request: (Unsupported protocol version|Server not initialized|Mcp-Session-Id header is required)/,
  /^Invalid Request: (Batch must not exceed|Only one initialization request|Server already initialized)/,
  /^Not Acceptable/,
  /^Unsupported Media Type/,
  /^Conflict: (Only one SSE stream|Stream already has an active connection)/,
  /^(Method not allowed|Session not found|Event store not configured|Invalid event ID format)/,
  /^Received a (response|progress notification) for an unknown/,
  /^Unknown message type/,
  /^Era mismatch on inbound (notification|request)/,
  /^Dropped inbound request/,
  /^Uncaught error in notification handler/,
  /^Failed to (send an error response|send response|send cancellation|encode result|write to the response stream)/,
  /^subscriptions\/listen refused/,
];

/** What the library has against a message, without a word of the message: it quotes whoever sent it. */
export function refusalOf({ name, message }: Pick<Error, "name" | "message">): string {
  for (const beginning of BEGINNINGS) {
    const said = beginning.exec(message)?.[0];
    if (said !== undefined) return said;
  }
  return name;
}
