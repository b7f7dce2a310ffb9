import assert from "node:assert/strict";
import { MessageFault, protocolHeaders, readMessage } from "./message.ts";

const MODERN = { "io.modelcontextprotocol/protocolVersion": "2026-07-28" };

function message(method: string, params: object = {}) {
  const read = readMessage(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
  assert.ok(read.method !== null);
  return read;
}

function faultOf(text: string): { readonly code: number; readonly id: unknown } {
  try {
    readMessage(text);
  } catch (error) {
    if (error instanceof MessageFault) return { code: error.code, id: error.id };
    throw error;
  }
  throw new Error(`'${text}' was read`);
}

Deno.test("readMessage() keeps the text and takes requests and notifications [S22]", () => {
  const text = '{"jsonrpc":"2.0","id":"a","method":"ping","params":{"n":9007199254740993}}';
  const read = readMessage(text);
  assert.deepEqual(read, { text, id: "a", method: "ping", params: { n: 2 ** 53 } });
  const notification = readMessage('{"jsonrpc":"2.0","method":"notifications/x"}');
  assert.ok(notification.method !== null && notification.id === null);
  const answer = '{"jsonrpc":"2.0","id":1,"result":{}}';
  assert.deepEqual(readMessage(answer), { text: answer, method: null });
});

Deno.test("readMessage() says what is no message, with its id where there is one [S22]", () => {
  assert.deepEqual(faultOf("garbage"), { code: -32700, id: null });
  assert.deepEqual(faultOf("[]"), { code: -32600, id: null });
  assert.deepEqual(faultOf("null"), { code: -32600, id: null });
  assert.deepEqual(faultOf('{"id":7,"method":"ping"}'), { code: -32600, id: 7 });
  assert.deepEqual(faultOf('{"jsonrpc":"2.0","id":"q"}'), { code: -32600, id: "q" });
  assert.deepEqual(faultOf('{"jsonrpc":"2.0","id":{},"method":"ping"}'), {
    code: -32600,
    id: null,
  });
});

Deno.test("protocolHeaders() repeats what a message of the current revision says [S22]", () => {
  const call = message("tools/call", { name: "execute_code", _meta: MODERN });
  assert.deepEqual(protocolHeaders(call, "2025-11-25"), {
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "tools/call",
    "mcp-name": "execute_code",
  });
  const named = (name: string) =>
    protocolHeaders(message("resources/read", { uri: name, _meta: MODERN }), null)["mcp-name"];
  assert.equal(named("a b"), "a b");
  assert.equal(named("é"), "=?base64?w6k=?=");
  assert.equal(named("a\r\nb: c"), "=?base64?YQ0KYjogYw==?=");
  assert.equal(named("=?base64?eA==?="), "=?base64?PT9iYXNlNjQ/ZUE9PT89?=");
  const odd = message("a\r\nb", { _meta: { "io.modelcontextprotocol/protocolVersion": "1\n" } });
  assert.deepEqual(protocolHeaders(odd, null), {});
});

Deno.test("protocolHeaders() says the revision that an earlier client has negotiated [S22]", () => {
  assert.deepEqual(protocolHeaders(message("ping"), "2025-11-25"), {
    "mcp-protocol-version": "2025-11-25",
  });
  assert.deepEqual(protocolHeaders(message("ping"), null), {});
  assert.deepEqual(protocolHeaders(message("initialize"), "2025-11-25"), {});
});
