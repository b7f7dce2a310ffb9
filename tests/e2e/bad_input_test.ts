import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import {
  type Answer,
  type Sending,
  type StartedService,
  startService,
} from "../fixtures/service.ts";

const MIB = 1024 * 1024;

/** A request that is refused: its body (as text or JSON), and what the answer has to say. */
interface Refusal {
  readonly body: unknown;
  readonly sending?: Sending;
  readonly status: number;
  readonly code: string;
  readonly errors?: readonly { pointer: string; expected: string; found: string }[];
}

const FIELD_EXPECTED = "absent: there is no field of this name";
const LANGUAGES = 'one of "python", "javascript", "bash"';

function unfit(body: unknown, pointer: string, expected: string, found: string): Refusal {
  return { body, status: 422, code: "validation_failed", errors: [{ pointer, expected, found }] };
}

const REFUSALS: Readonly<Record<string, Refusal>> = {
  "malformed JSON": { body: '{"code": "print(1)"', status: 400, code: "malformed_json" },
  "an empty body": { body: "", status: 400, code: "malformed_json" },
  "no object": { body: "[]", status: 422, code: "validation_failed" },
  "an unknown field": unfit({ code: "1", codes: 2 }, "/codes", FIELD_EXPECTED, "2"),
  "an unknown limit": unfit(
    { code: "1", limits: { memory: 2 } },
    "/limits/memory",
    FIELD_EXPECTED,
    "2",
  ),
  "a wrong type": unfit({ code: 7 }, "/code", "a string", "a number"),
  "no code": unfit({}, "/code", "a string", "nothing"),
  "code over 1 MiB": unfit(
    { code: "#".repeat(MIB + 1) },
    "/code",
    `1 to ${MIB} bytes of UTF-8 text`,
    `a string of ${MIB + 1} characters`,
  ),
  "an unknown language": unfit({ code: "1", language: "ruby" }, "/language", LANGUAGES, '"ruby"'),
  "a limit above its ceiling": unfit(
    { code: "1", limits: { memory_mb: 513 } },
    "/limits/memory_mb",
    "a whole number from 1 to 512",
    "513",
  ),
  "a time above its ceiling": unfit(
    { code: "1", timeout_seconds: 61 },
    "/timeout_seconds",
    "a number from 0.5 to 60",
    "61",
  ),
  "a body over the cap": {
    body: JSON.stringify({ code: "#".repeat(2 * MIB) }),
    status: 413,
    code: "body_too_large",
  },
  "a body of another type": {
    body: "code=1",
    sending: { headers: { "content-type": "text/plain" } },
    status: 415,
    code: "unsupported_media_type",
  },
  "no token": {
    body: { code: "1" },
    sending: { token: null },
    status: 401,
    code: "unauthenticated",
  },
  "a forged token": {
    body: { code: "1" },
    sending: { token: "eyJhbGciOiJub25lIn0.eyJyb2xlcyI6WyJhZG1pbiJdfQ." },
    status: 401,
    code: "unauthenticated",
  },
};

/** Whether a problem tells of itself all that it must, and nothing of the inside. */
function assertProblem(answer: Answer, { status, code }: Pick<Refusal, "status" | "code">): void {
  const { json, text, headers } = answer;
  assert.deepEqual([answer.status, json.code, json.status], [status, code, status], text);
  assert.equal(headers.get("content-type"), "application/problem+json");
  assert.equal(json.type, `/problems/${code}`);
  assert.equal(json.correlation_id, headers.get("x-correlation-id"));
  assert.doesNotMatch(text, /\.(ts|py|js)\b|Traceback|\n *at |file:|stack/);
}

Deno.test("each kind of bad input is refused with its problem [S14, S35]", async (t) => {
  await using service = await startService({ MAX_BODY_MB: "2", EXECUTION_MAX_MEMORY_MB: "512" });
  for (const [name, refusal] of Object.entries(REFUSALS)) {
    await t.step(`${name}: ${refusal.status}`, async () => {
      const answer = await service.execute(refusal.body, refusal.sending);
      assertProblem(answer, refusal);
      if (refusal.errors !== undefined) assert.deepEqual(answer.json.errors, refusal.errors);
    });
  }
  await t.step("a viewer's token: 403 with the roles found and expected [S29]", async () => {
    const token = await service.tokenFor("vera", "viewer");
    const answer = await service.execute({ code: "print(1)" }, { token });
    assertProblem(answer, { status: 403, code: "forbidden" });
    assert.deepEqual(answer.json.found, ["viewer"]);
    assert.deepEqual(answer.json.expected, ["developer", "admin"]);
  });
  await t.step("an id that never was, and one that is none", async () => {
    const never = await service.get("/api/v1/executions/00000000-0000-7000-8000-000000000000");
    assertProblem(never, { status: 404, code: "not_found" });
    const none = await service.get("/api/v1/executions/1");
    assertProblem(none, { status: 422, code: "validation_failed" });
  });
  assert.equal((await service.execute({ code: "print(1)" })).status, 200);
  assert.doesNotMatch(service.log, /"level":"error"/);
});

async function untilHeld(service: StartedService, running: number, waiting: number): Promise<void> {
  await eventually(`${running} running and ${waiting} waiting`, async () => {
    const { executions } = (await service.get("/status")).json as {
      executions: { running: number; waiting: number };
    };
    return executions.running === running && executions.waiting === waiting ? true : null;
  });
}

Deno.test("a full queue is a 429 with Retry-After, and takes runs again [S14]", async () => {
  await using service = await startService({
    EXECUTION_CONCURRENCY: "1",
    EXECUTION_QUEUE: "1",
    EXECUTION_PER_USER: "3",
  });
  const callers = [new AbortController(), new AbortController()];
  const asked: Promise<unknown>[] = [];
  for (const [waiting, { signal }] of callers.entries()) {
    const sleep = { code: "import time; time.sleep(50)", timeout_seconds: 60 };
    asked.push(assert.rejects(service.execute(sleep, { signal }), { name: "AbortError" }));
    await untilHeld(service, 1, waiting);
  }
  const refused = await service.execute({ code: "print(1)" });
  assertProblem(refused, { status: 429, code: "too_many_executions" });
  assert.equal(refused.headers.get("retry-after"), String(refused.json.retry_after_seconds));
  assert.deepEqual([refused.json.running, refused.json.waiting], [1, 1]);
  for (const caller of callers) caller.abort();
  await Promise.all(asked);
  await untilHeld(service, 0, 0);
  assert.equal((await service.execute({ code: "print(1)" })).json.stdout, "1\n");
});

/**
 * A Deno that starts on this host and not inside the sandbox, as one does whose loader lies outside
 * the system's folders. The loader's path stands near the front of the file.
 */
async function denoWithOwnLoader(folder: string): Promise<string> {
  const [deno, loader] = [`${folder}/deno`, `${folder}/ld`];
  await Deno.copyFile(Deno.execPath(), deno);
  using file = await Deno.open(deno, { read: true, write: true });
  const head = new Uint8Array(4096);
  await file.read(head);
  const text = new TextDecoder("latin1").decode(head);
  const { 0: usual, index } = /\/lib[^\0]*\/ld-[^\0]+/.exec(text) ?? assert.fail("no loader");
  await Deno.copyFile(usual, loader);
  assert.ok(loader.length <= usual.length, loader);
  await file.seek(index, Deno.SeekMode.Start);
  await file.write(new TextEncoder().encode(loader.padEnd(usual.length, "\0")));
  return deno;
}

Deno.test("a language whose interpreter does not start inside is a 501 [S13]", async () => {
  // The loader's path has to fit where the usual one stood.
  const folder = await Deno.makeTempDir({ dir: "/tmp", prefix: "u" });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const deno = await denoWithOwnLoader(folder);
  const start = `PATH=${folder}:$PATH exec ${deno} "$@"`;
  await using service = await startService({}, { deno: ["bash", "-c", start, "bash"] });
  assert.match(service.output, /^ {2}no javascript: /m);
  const refused = await service.execute({ language: "javascript", code: "0" });
  assertProblem(refused, { status: 501, code: "language_unavailable" });
  assert.equal(refused.json.language, "javascript");
  assert.match(String(refused.json.remedy), /Deno/);
  const ready = await service.get("/health/ready");
  assert.deepEqual([ready.status, ready.json.status], [200, "degraded"]);
  assert.equal((await service.execute({ code: "print(1)" })).json.stdout, "1\n");
});
