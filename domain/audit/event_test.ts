import assert from "node:assert/strict";
import { type AuditEvent, auditText, parseAuditText, readAuditText } from "./event.ts";

const EVENT: AuditEvent = {
  ...{ id: "one", type: "token_revoked", time: "2026-01-01T00:00:00.000Z" } as const,
  ...{ userId: "ada", correlationId: "abcdefgh", address: null, details: { jti: "x" } },
};
/** As every event was written before there were traces. */
const TEXT = '{"address":null,"correlation_id":"abcdefgh","details":{"jti":"x"},"id":"one",' +
  '"time":"2026-01-01T00:00:00.000Z","type":"token_revoked","user_id":"ada"}';

Deno.test("auditText() of an event without a trace is what it has always been, and its hash with it [B11]", () => {
  assert.equal(auditText(EVENT), TEXT);
  assert.deepEqual(readAuditText(TEXT), EVENT);
});

Deno.test("auditText() tells the trace of an event that has one, and parseAuditText() gives it back [S33, S38]", () => {
  const traced = { ...EVENT, traceId: "ab".repeat(16) };
  const text = auditText(traced);
  assert.equal(JSON.parse(text).trace_id, "ab".repeat(16));
  assert.deepEqual([parseAuditText(text), readAuditText(text)], [traced, traced]);
  assert.equal(readAuditText(text.replace(`"${"ab".repeat(16)}"`, "7")), null);
});
