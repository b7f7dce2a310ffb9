import assert from "node:assert/strict";
import { workOn } from "../../../tests/fakes/fake_jobs.ts";
import { type Answer, HttpSurface } from "../../../tests/fakes/http_surface.ts";
import { eventually } from "../../../tests/fixtures/eventually.ts";

const PATH = "/api/v1/executions";
const DEVELOPER = { authorization: "Bearer developer-token" };
const OTHER = { authorization: "Bearer other-token" };

interface Listed {
  readonly id: string;
  readonly status: string;
}

function list(surface: HttpSurface, query = "", headers = DEVELOPER): Promise<Answer> {
  return surface.send(`${PATH}${query}`, { headers });
}

function listedIn({ json }: Answer): readonly Listed[] {
  return json.executions as readonly Listed[];
}

function idsOf(answer: Answer): string[] {
  return listedIn(answer).map(({ id }) => id);
}

async function ran(surface: HttpSurface, code: string, headers = DEVELOPER): Promise<string> {
  const { status, json, text } = await surface.post("/api/v1/execute_code", { code }, headers);
  assert.equal(status, 200, text);
  return String(json.id);
}

Deno.test("GET /api/v1/executions lists one's own results and open jobs, newest first, and nothing that was written [B7, S29]", async () => {
  await using surface = new HttpSurface();
  const first = await ran(surface, "first");
  await ran(surface, "somebody else's", OTHER);
  const last = await ran(surface, "last");
  const jobs: string[] = [];
  for (const code of ["one", "two"]) {
    jobs.push(String((await surface.post(PATH, { code })).json.id));
  }
  const answer = await list(surface);
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(idsOf(answer), [jobs[1], jobs[0], last, first]);
  assert.equal(answer.json.next_cursor, null);
  const record = surface.application.records.get(last);
  assert.deepEqual(listedIn(answer).slice(1, 3), [
    {
      ...{ id: jobs[0], status: "queued", language: "python", outcome: null },
      ...{ created_at: "2026-01-01T00:00:00.000Z", duration_seconds: null },
    },
    {
      ...{ id: last, status: "done", language: "python", outcome: "ok" },
      ...{ created_at: record?.createdAt, duration_seconds: record?.durationSeconds },
    },
  ]);
  const told = surface.application.auditLog.events.at(-1);
  assert.deepEqual([told?.type, told?.userId], ["data_accessed", "dan"]);
  assert.deepEqual(told?.details, { resource: "execution", owner: "dan", id: null });
  await surface.send(`${PATH}/${jobs[1]}`, { method: "DELETE", headers: DEVELOPER });
  await using _worker = workOn(surface.application);
  await eventually("the job done", async () => {
    const [shown] = listedIn(await list(surface));
    return shown?.id === jobs[0] && shown?.status === "done" || null;
  });
});

Deno.test("GET /api/v1/executions goes from page to page, whatever comes in between [B7]", async () => {
  await using surface = new HttpSurface();
  const runs: string[] = [];
  for (let n = 0; n < 5; n++) runs.unshift(await ran(surface, `${n}`));
  const pages: string[][] = [];
  let cursor: string | null = null;
  do {
    const answer: Answer = await list(
      surface,
      `?limit=2${cursor === null ? "" : `&cursor=${cursor}`}`,
    );
    pages.push(idsOf(answer));
    cursor = answer.json.next_cursor as string | null;
    await surface.post(PATH, { code: "comes in between" });
  } while (cursor !== null && pages.length < 9);
  assert.deepEqual(pages, [runs.slice(0, 2), runs.slice(2, 4), runs.slice(4)]);
  const exact = await list(surface, "?limit=8");
  assert.deepEqual([idsOf(exact).length, exact.json.next_cursor], [8, null]);
  for (let n = 0; n < 20; n++) await ran(surface, `more ${n}`);
  assert.equal(idsOf(await list(surface)).length, 20);
});

Deno.test("GET /api/v1/executions shows nothing of others to whoever has their cursor, and refuses what is none [B7, S29, S35]", async () => {
  await using surface = new HttpSurface();
  await ran(surface, "first");
  await ran(surface, "last");
  const { json } = await list(surface, "?limit=1");
  const theirs = await list(surface, `?cursor=${json.next_cursor}`, OTHER);
  assert.deepEqual([theirs.status, theirs.json], [200, { executions: [], next_cursor: null }]);
  const wrong = [
    ...["?limit=0", "?limit=101", "?limit=1.5", "?limit=x", "?user_id=a", "?cursor="],
    ...[`?cursor=${"A".repeat(48)}`, "?cursor=%F0%9F%98%80", `?cursor=${json.next_cursor}A`],
  ];
  for (const query of wrong) {
    const { status, json } = await list(surface, query);
    assert.deepEqual([status, json.code], [422, "validation_failed"], query);
  }
});
