import assert from "node:assert/strict";
import { DomainError, type Failure } from "../../../domain/errors.ts";
import type { TemplateRequest } from "../../../domain/generation/template.ts";
import { HttpSurface } from "../../../tests/fakes/http_surface.ts";

const PATH = "/api/v1/generate_code";

Deno.test("POST /api/v1/generate_code hands the renderer exact values, by caller [S20]", async () => {
  await using surface = new HttpSurface();
  const asked: [TemplateRequest, string][] = [];
  surface.application.renderer = {
    render(request, caller) {
      asked.push([request, caller]);
      return Promise.resolve("<b>&");
    },
  };
  const context = '{"big":9007199254740993,"__proto__":{"constructor":[null,true,1.5,"x"]}}';
  const body = `{"template":"{{ big }}","context":${context},"language":"c++"}`;
  const { status, json, text } = await surface.post(PATH, body);
  assert.deepEqual([status, json.language, json.output], [200, "c++", "<b>&"], text);
  assert.ok(!text.includes("<b>"), text);
  const [request, caller] = asked[0] ?? [];
  assert.equal(request?.context.big, 9007199254740993n);
  assert.deepEqual(Object.entries(request?.context ?? {})[1], ["__proto__", {
    constructor: [null, true, 1.5, "x"],
  }]);
  assert.equal(typeof caller, "string");
  const event = surface.application.auditLog.events.at(-1);
  assert.equal(event?.type, "code_generated");
  assert.equal((event.details as { language: string }).language, "c++");
});

const deep = { a: { b: { c: { d: { e: {} } } } } };
const REFUSED: readonly [what: string, body: object, pointer: string][] = [
  ["no template", {}, "/template"],
  ["a template that is too long", { template: "x".repeat(262_145) }, "/template"],
  ["a template of too many bytes", { template: "ü".repeat(131_073) }, "/template"],
  ["a lone surrogate", { template: "\ud800" }, "/template"],
  ["a context that is a list", { template: "a", context: [] }, "/context"],
  ["a context that is too deep", { template: "a", context: deep }, "/context/a/b/c/d/e"],
  ["a key that is too long", { template: "a", context: { ["k".repeat(257)]: 1 } }, "/context"],
  ["a language that is none", { template: "a", language: "a b" }, "/language"],
  ["an unknown member", { template: "a", output: "" }, ""],
];

for (const [what, body, pointer] of REFUSED) {
  Deno.test(`POST /api/v1/generate_code refuses ${what} [S20, S31]`, async () => {
    await using surface = new HttpSurface();
    const { status, json, text } = await surface.post(PATH, body);
    assert.deepEqual([status, json.code], [422, "validation_failed"], text.slice(0, 500));
    const [fault] = json.errors as { pointer: string }[];
    assert.ok(fault?.pointer.startsWith(pointer), text.slice(0, 500));
  });
}

const FAILURES: readonly [failure: Failure, status: number, members: object][] = [
  [{ code: "template_invalid", message: "m", line: 7, name: "n" }, 422, { line: 7, name: "n" }],
  [{ code: "template_invalid", message: "m", line: null, name: null }, 422, {}],
  [
    { code: "too_many_executions", running: 1, waiting: 2, retryAfterSeconds: 1 },
    429,
    { running: 1, waiting: 2 },
  ],
];

for (const [failure, expected, members] of FAILURES) {
  Deno.test(`POST /api/v1/generate_code answers ${JSON.stringify(failure)} [S20]`, async () => {
    await using surface = new HttpSurface();
    surface.application.renderer = { render: () => Promise.reject(new DomainError(failure)) };
    const { status, json } = await surface.post(PATH, { template: "a" });
    assert.deepEqual([status, json.code], [expected, failure.code]);
    const { line, name, running, waiting } = json;
    const told = { line, name, running, waiting };
    assert.deepEqual(JSON.parse(JSON.stringify(told)), members);
  });
}
