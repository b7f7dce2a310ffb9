import assert from "node:assert/strict";
import { bash, listProcesses } from "../fixtures/processes.ts";
import { lastSeen } from "../fixtures/rest.ts";
import { type StartedService, startService, UNLIMITED } from "../fixtures/service.ts";
import { traces } from "../fixtures/traces.ts";

Deno.test("100 runs asked for at once are all answered rightly [S13]", async () => {
  await using service = await startService();
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, n) => service.execute({ code: `print(${n} ** 3)` })),
  );
  const found = answers.map(({ status, json }) => [status, json.outcome, json.stdout]);
  assert.deepEqual(found, answers.map((_, n) => [200, "ok", `${n ** 3}\n`]));
  assert.equal(new Set(answers.map(({ json }) => json.id)).size, 100);
});

const RUNS = 500;
const CALLERS = 16;

/** Names that no other process of the machine uses. */
class Marks {
  readonly file = `left-${crypto.randomUUID()}`;
  readonly sleep = `sleep 86400.${crypto.getRandomValues(new Uint32Array(1))[0]}`;
}

/** The n-th program: most are brief, some try to leave something behind. */
function request(n: number, marks: Marks): { body: Record<string, unknown>; expected: unknown[] } {
  const file = `/tmp/${marks.file}-${n}`;
  if (n % 50 === 1) {
    const body = { language: "bash", code: `${marks.sleep}`, timeout_seconds: 0.5 };
    return { body, expected: ["timeout", ""] };
  }
  if (n % 50 === 2) {
    // A program: it prints inside the sandbox, and what it printed is compared.
    return {
      body: { language: "javascript", code: `console.log(${n})` },
      expected: ["ok", `${n}\n`],
    };
  }
  if (n % 10 === 3) {
    const code = `(setsid ${marks.sleep} >/dev/null 2>&1 &); mkfifo ${file}; echo ${n}`;
    return { body: { language: "bash", code }, expected: ["ok", `${n}\n`] };
  }
  const code = `open("${file}", "w").write("x")\nopen("${marks.file}", "w")\nprint(${n})`;
  return { body: { code }, expected: ["ok", `${n}\n`] };
}

/** Has the service run so many programs, a few at once, and its connections closed. */
async function load(service: StartedService, runs: number, marks: Marks): Promise<void> {
  using client = Deno.createHttpClient({});
  const numbers = Array.from({ length: runs }, (_, n) => n).values();
  async function call(): Promise<void> {
    for (const n of numbers) {
      const { body, expected } = request(n, marks);
      const { status, text, json } = await service.execute(body, { client });
      assert.equal(status, 200, text);
      assert.deepEqual([json.outcome, json.stdout], expected, text);
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, call));
}

async function countTemporaryFiles(): Promise<number> {
  return (await Array.fromAsync(Deno.readDir("/tmp"))).length;
}

Deno.test("500 runs leave no process, mount, file or descriptor behind [S15]", async () => {
  await using service = await startService(UNLIMITED);
  const marks = new Marks();
  await load(service, 60, marks);
  const before = await traces(service);
  assert.ok(before.processes.length >= 5, before.processes.join("\n"));
  const temporaryFiles = await countTemporaryFiles();

  await load(service, RUNS, marks);

  // The kernel and the event loop may still be closing the last connections.
  assert.deepEqual(await lastSeen(() => traces(service), before), before);
  const left = (await listProcesses()).filter(({ command }) => command.includes(marks.sleep));
  assert.deepEqual(left, []);
  const places = "/tmp /var/tmp /dev/shm /run";
  const found = await bash("-c", `find ${places} -xdev -name '${marks.file}*' 2>/dev/null`);
  assert.equal(found, "");
  // Others write there too: a run's leavings would be as many as the runs.
  assert.ok(await countTemporaryFiles() - temporaryFiles < RUNS / 10);
});
