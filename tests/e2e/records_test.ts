import assert from "node:assert/strict";
import {
  type Answer,
  type StartedService,
  startService,
  temporaryFolder,
} from "../fixtures/service.ts";

// Each prints the same by its own language's means; none of it runs in the tests.
const PROGRAMS = [
  { language: "python", code: "print(6 * 7)" },
  { language: "javascript", code: "console.log(6 * 7)" },
  { language: "bash", code: "echo $((6 * 7))" },
];

function idOf({ json }: Answer): string {
  return `/api/v1/executions/${String(json.id)}`;
}

Deno.test("each language runs, and its result is kept for those who may see it [S13, S29]", async (t) => {
  await using service = await startService();
  const dan = await service.tokenFor("dan", "developer");
  const eve = await service.tokenFor("eve", "developer");
  for (const { language, code } of PROGRAMS) {
    await t.step(`${language}`, async () => {
      const answer = await service.execute({ language, code }, { token: dan });
      assert.equal(answer.status, 200, answer.text);
      const { stdout, stderr, outcome, return_code } = answer.json;
      assert.deepEqual([stdout, stderr, outcome, return_code], ["42\n", "", "ok", 0]);
      const path = idOf(answer);
      const kept = await service.get(path, { token: dan });
      assert.deepEqual([kept.status, kept.json], [200, answer.json]);
      const asAdmin = await service.get(path);
      assert.deepEqual([asAdmin.status, asAdmin.json], [200, answer.json]);
      const asOther = await service.get(path, { token: eve });
      assert.deepEqual([asOther.status, asOther.json.code], [404, "not_found"]);
      assert.ok(!asOther.text.includes("dan"));
    });
  }
});

/** Asks for several runs and kills the service as soon as one is answered. */
async function answeredBeforeKill(service: StartedService, token: string): Promise<Answer[]> {
  const asked = Array.from({ length: 8 }, (_, n) => {
    return service.execute({ code: `print(${n})` }, { token });
  });
  const settled = Promise.allSettled(asked);
  await Promise.any(asked);
  await service.kill();
  return (await settled).flatMap((end) => end.status === "fulfilled" ? [end.value] : []);
}

Deno.test("a result outlives a stop, and a kill -9 right after its answer [S13]", async () => {
  await using folder = await temporaryFolder();
  const settings = { DATA_DIR: folder.path };
  const answers: Answer[] = [];
  await using first = await startService(settings);
  const token = await first.tokenFor("dan", "developer");
  answers.push(await first.execute({ code: "print('stopped')" }, { token }));
  assert.equal(await first.stop(), 0);
  await using second = await startService(settings);
  answers.push(...await answeredBeforeKill(second, token));
  await using third = await startService(settings);
  assert.ok(answers.length >= 2);
  for (const answer of answers) {
    assert.equal(answer.status, 200, answer.text);
    const kept = await third.get(idOf(answer), { token });
    assert.deepEqual([kept.status, kept.json], [200, answer.json]);
  }
});
