import { strictEqual } from "node:assert/strict";
import { refusalOf } from "./refusal.ts";

/** What the library says, by what of it goes into the log. */
const SAID = [
  [
    "Rejected inbound request (method-header-mismatch): the Mcp-Method header names s3cr3t",
    "Rejected inbound request (method-header-mismatch)",
  ],
  [
    "Bad Request: Unsupported protocol version: s3cr3t (supported versions: 2025-11-25)",
    "Bad Request: Unsupported protocol version",
  ],
  [
    'Received a response for an unknown message ID: {"result":{"content":"s3cr3t"}}',
    "Received a response for an unknown",
  ],
  ["Dropped inbound request 's3cr3t': not servable", "Dropped inbound request"],
  ["s3cr3t", "Error"],
  ["Rejected s3cr3t", "Error"],
] as const;

for (const [message, told] of SAID) {
  Deno.test(`refusalOf() tells of '${message.slice(0, 40)}' only how it begins [S39]`, () => {
    strictEqual(refusalOf(new Error(message)), told);
  });
}
