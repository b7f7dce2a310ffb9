import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { createLog } from "./json_log.ts";
import { type Fields, redaction } from "./redaction.ts";

/** What is left of a line's fields. */
function redactor(
  ...rules: Parameters<typeof redaction>
): (event: string, fields: Fields) => Fields {
  const redact = redaction(...rules);
  return (event, fields) => {
    const left: [string, Fields[string]][] = [];
    redact(event, fields, (name, value) => void left.push([name, value]));
    return Object.fromEntries(left);
  };
}

const EVENTS = { call_failed: ["reason", "reasons", "code"], started: [] };

Deno.test("redaction() lets through the fields that are listed for their event alone [S39]", () => {
  const redact = redactor(EVENTS);
  deepStrictEqual(redact("call_failed", { code: 7, reason: "away" }), { code: 7, reason: "away" });
  deepStrictEqual(redact("call_failed", { code: 7, token: "kX7", body: "print(1)" }), {
    code: 7,
    fields_withheld: 2,
  });
  deepStrictEqual(redact("started", { code: 7 }), { fields_withheld: 1 });
  for (const event of ["unheard_of", "constructor", "__proto__"]) {
    deepStrictEqual(redact(event, { reason: "kX7" }), { fields_withheld: 1 });
  }
});

Deno.test("redaction() cuts secrets, tokens and passwords out of texts from elsewhere [S39]", () => {
  const redact = redactor(EVENTS, ["hunter-22", "hunter-22-longer", "short"]);
  const shown = (reason: string) => redact("call_failed", { reason })["reason"];
  const cases: readonly [string, string][] = [
    ["refused 'hunter-22-longer' and hunter-22", "refused '[redacted]' and [redacted]"],
    ["a short word", "a short word"],
    ["sent Authorization: Bearer abc.DEF-1", "sent Authorization: Bearer [redacted]"],
    ["token eyJhbGciOi.eyJzdWIiOi.c2ln-_ is old", "token [redacted] is old"],
    ["redis://user:pa:ss@cache:6379 is away", "redis://[redacted]@cache:6379 is away"],
    ["http://host/a@b stays", "http://host/a@b stays"],
  ];
  for (const [text, expected] of cases) strictEqual(shown(text), expected);
  deepStrictEqual(redact("call_failed", { reasons: ["hunter-22", "x"] }), {
    reasons: ["[redacted]", "x"],
  });
  strictEqual(String(shown("x".repeat(100_000))).length, 4001);
});

Deno.test("redaction() shows no half of a secret where it cuts a text [S39]", () => {
  const redact = redactor(EVENTS);
  const secret = "redis://user:passw0rd@cache ";
  for (let before = 7950; before < 8010; before += 1) {
    const text = `Bearer ${"a".repeat(60)} `.repeat(150).slice(0, before) + ` ${secret}`;
    const shown = String(redact("call_failed", { reason: text + "x".repeat(100) })["reason"]);
    strictEqual(/passw|aaa/.test(shown), false, `${before}: ${shown.slice(-50)}`);
  }
});

Deno.test("redaction() looks no longer at a text because each of its places could begin a secret [S39]", () => {
  const redact = redactor(EVENTS, ["hunter-22"]);
  for (const unit of ["a.", "a-", "eyJ-", "eyJa.eyJ", "x://a", "Bearer ", "Basic  ", "hunter-2"]) {
    // Looked at from each place to the end, it would be hours.
    const shown = redact("call_failed", { reason: unit.repeat(1_000_000) })["reason"];
    strictEqual(String(shown).length <= 4001, true, unit);
  }
});

Deno.test("createLog() writes what its redaction leaves [S39]", async () => {
  const written: string[] = [];
  {
    await using log = createLog({
      ...{ level: "info", format: "json", redact: redaction(EVENTS) },
      clock: { now: () => 0, monotonic: () => 0 },
      write: (text) => Promise.resolve(void written.push(text)),
    });
    log.write("info", "started", { secret: "kX7" });
  }
  deepStrictEqual(JSON.parse(written.join("")), {
    ...{ time: "1970-01-01T00:00:00.000Z", level: "info", event: "started", fields_withheld: 1 },
  });
});
