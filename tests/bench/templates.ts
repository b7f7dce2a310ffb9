import { loadavg } from "node:os";
import { UNLIMITED } from "../fixtures/service.ts";
import type { StartedService } from "../fixtures/service.ts";
import { TEMPLATE_ATTACKS } from "../generation/attacks.ts";
import { lagOf, startProbedService } from "./probed_service.ts";
import { quantile } from "./statistics.ts";

const PATH = "/api/v1/generate_code";
/** Attackers' requests at once, all of one caller. */
const ATTACKERS = 4;
const ATTACK_SECONDS = 30;
const PAUSE_MS = 5;

/** Another caller's requests, one after another; milliseconds of each. */
async function timed(service: StartedService, seconds: number): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const began = performance.now();
    const { status, text } = await service.post(PATH, { template: "{{ a }}", context: { a: 1 } });
    if (status !== 200) throw new Error(text);
    times.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return times;
}

/** One attack after another until it is aborted; how many were answered. */
async function attack(service: StartedService, begin: number, signal: AbortSignal) {
  const token = await service.tokenFor("mallory", "developer");
  let answered = 0;
  while (!signal.aborted) {
    const one = TEMPLATE_ATTACKS[(begin + answered) % TEMPLATE_ATTACKS.length];
    const body = { template: one?.template, context: one?.context ?? {} };
    const { status, text } = await service.post(PATH, body, { token });
    if (status !== 200 && status !== 422) throw new Error(text);
    answered += 1;
  }
  return answered;
}

function row(what: string, times: readonly number[], late: { late: number; busy: number }): string {
  const [half, most, worst] = [0.5, 0.99, 1].map((share) => quantile(times, share).toFixed(1));
  return `${what.padEnd(10)} ${String(times.length).padStart(5)} requests: p50 ${half} ms, ` +
    `p99 ${most} ms, worst ${worst} ms; event loop late ${late.late.toFixed(1)} ms ` +
    `(busy ${late.busy.toFixed(1)} ms)\n`;
}

/** What a small template takes through the whole service, alone and while another caller attacks. */
export async function benchTemplates(write: (line: string) => Promise<void>): Promise<void> {
  await using probed = await startProbedService(UNLIMITED);
  const { service } = probed;
  await timed(service, 2);
  await lagOf(service);
  const quiet = await timed(service, 10);
  await write(row("alone", quiet, await lagOf(service)));
  const end = new AbortController();
  const attacks = Array.from(
    { length: ATTACKERS },
    (_, at) => attack(service, at * 22, end.signal),
  );
  const attacked = await timed(service, ATTACK_SECONDS);
  end.abort();
  const late = await lagOf(service);
  const answered = (await Promise.all(attacks)).reduce((sum, count) => sum + count, 0);
  await write(row("attacked", attacked, late));
  await write(`${answered} attacks; load ${loadavg()[0]?.toFixed(1)}\n`);
}
