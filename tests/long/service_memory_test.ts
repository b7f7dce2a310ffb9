import assert from "node:assert/strict";
import type { ExecutionRequest } from "../../domain/execution/request.ts";
import { eventually } from "../fixtures/eventually.ts";
import { memoryOf } from "../fixtures/memory.ts";
import { bash, listProcesses } from "../fixtures/processes.ts";
import { type StartedService, startService, UNLIMITED } from "../fixtures/service.ts";
import { medianSlope, type Point } from "./line.ts";
import { mixed, SLEEP } from "../fixtures/mixed_programs.ts";

const AT_ONCE = 32;
const WARM_UP = 1000;
const RUNS = 10_000;
const RUNS_PER_SAMPLE = 500;
const LARGEST_SLOPE = 1024 * 1024 / 1000;
/** Idle connections, timers and the last runs' remains go within this. */
const SETTLED_MS = 1500;

/** A request as the service takes it. */
function bodyOf({ language, code, stdin, args, limits }: ExecutionRequest): object {
  return { language, code, stdin, args, timeout_seconds: limits.timeoutSeconds };
}

async function load(service: StartedService, from: number, runs: number): Promise<void> {
  const numbers = Array.from({ length: runs }, (_, n) => from + n).values();
  async function call(): Promise<void> {
    for (const n of numbers) {
      const [request, expected] = await mixed(n);
      const { status, json, text } = await service.execute(bodyOf(request));
      assert.equal(status, 200, text);
      const found = [json.outcome, json.return_code, json.stdout, json.stderr];
      assert.deepEqual(found, expected, `run ${n}`);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, call));
}

/** What stands while nothing runs. Numbers of processes and paths that change by chance are left out. */
async function standing(service: StartedService) {
  const sandbox = await service.forkServer();
  const pids = [service.pid, ...sandbox.map(({ pid }) => pid)].map(String);
  const each = async (command: string) =>
    (await bash("-c", `for p; do ${command}; done`, "-", ...pids)).trimEnd().split("\n");
  return {
    processes: sandbox.map(({ command, dead }) => `${command}${dead ? ", dead" : ""}`),
    descriptors: await each('ls "/proc/$p/fd" | wc -l'),
    mounts: await each('wc -l <"/proc/$p/mountinfo"'),
    groups: await each('cat "/proc/$p/cgroup"'),
    files: await bash("-c", 'cd "$0" && find . /dev/shm | sort', service.dataDir),
  };
}

/** What stands once it is the same twice. */
async function settled(service: StartedService) {
  return await eventually("the service at rest", async () => {
    const first = await standing(service);
    await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
    const second = await standing(service);
    return JSON.stringify(first) === JSON.stringify(second) ? second : null;
  }, 60);
}

/** Resident bytes of the service and its sandbox while nothing runs. */
async function residentBytes(service: StartedService): Promise<number> {
  await settled(service);
  const sandbox = await service.forkServer();
  const { resident } = await memoryOf([service.pid, ...sandbox.map(({ pid }) => pid)]);
  return resident;
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

Deno.test(`${RUNS} mixed runs over HTTP leave memory and all else as it was [S15]`, async () => {
  const concurrency = { EXECUTION_CONCURRENCY: String(AT_ONCE) };
  await using service = await startService({ ...UNLIMITED, ...concurrency, LOG_LEVEL: "warn" });
  await load(service, 0, WARM_UP);
  const before = await settled(service);
  assert.ok(before.processes.length >= 3, before.processes.join("\n"));

  const points: Point[] = [[0, await residentBytes(service)]];
  for (let runs = 0; runs < RUNS; runs += RUNS_PER_SAMPLE) {
    await load(service, WARM_UP + runs, RUNS_PER_SAMPLE);
    points.push([runs + RUNS_PER_SAMPLE, await residentBytes(service)]);
  }

  assert.deepEqual(await settled(service), before);
  const slept = (await listProcesses()).filter(({ command, dead }) =>
    !dead && command.includes(SLEEP)
  );
  assert.deepEqual(slept, []);
  const seen = points.map(([, bytes]) => megabytes(bytes)).join(", ");
  const slope = medianSlope(points);
  assert.ok(
    slope < LARGEST_SLOPE,
    `${megabytes(slope * 1000)} MB per 1,000 runs; MB each ${RUNS_PER_SAMPLE} runs: ${seen}`,
  );
});
