import { setTimeout as delay } from "node:timers/promises";
import { loadavg } from "node:os";
import type { Answer, StartedService } from "../fixtures/service.ts";
import { CLAIMS, SECRET_FORGE } from "../fixtures/token_forge.ts";
import { startTwoServices, type TwoServices, WIDE_LIMIT } from "../fixtures/two_services.ts";
import { median } from "./statistics.ts";

type Write = (line: string) => Promise<void>;
type Both = readonly [one: StartedService, other: StartedService];

const REVOCATIONS = 20;
const CHANGES = 5;
const PATIENCE_MS = 120_000;

interface User {
  readonly name: string;
  readonly token: string;
  readonly jti: string;
}

/** A viewer whom nobody else is. */
function newUser(): User {
  const now = Math.floor(Date.now() / 1000);
  const [jti, sub] = [crypto.randomUUID(), `bench-${crypto.randomUUID()}`];
  const times = { iat: now, nbf: now, exp: now + 3600 };
  const token = SECRET_FORGE.token({ ...CLAIMS, ...times, jti, sub, roles: ["viewer"] });
  return { name: sub, jti, token };
}

/** Milliseconds from now until what is asked again and again is answered so. */
async function until(
  expected: number,
  ask: () => Promise<Answer>,
  lookAgainMs: number,
): Promise<number> {
  const begun = performance.now();
  while (performance.now() - begun < PATIENCE_MS) {
    if ((await ask()).status === expected) return performance.now() - begun;
    await delay(lookAgainMs);
  }
  throw new Error(`Cannot see status ${expected} on the other instance`);
}

/** How long the other instance still takes a token that one has revoked. */
async function revocation([one, other]: Both): Promise<number> {
  const { jti, token } = newUser();
  const ask = () => other.get("/status", { token });
  await expectStatus(200, ask());
  await expectStatus(204, one.post("/api/v1/tokens/revoke", { jti }));
  return await until(401, ask, 5);
}

/** How long a user may still not run programs there who may by the roles that one has stored. */
async function change([one, other]: Both): Promise<number> {
  const { name, token } = newUser();
  // Nothing that could be run; each refusal is an event of the audit, so that it is asked less often.
  const ask = () => other.execute({}, { token });
  await expectStatus(403, ask());
  const path = `/api/v1/users/${encodeURIComponent(name)}/roles`;
  const init = { method: "PUT", body: JSON.stringify({ roles: ["developer"] }) };
  const headers = { "content-type": "application/json" };
  await expectStatus(200, one.send(path, init, { headers }));
  return await until(422, ask, 100);
}

async function expectStatus(
  expected: number,
  asked: Promise<Answer>,
): Promise<void> {
  const { status, text } = await asked;
  if (status !== expected) throw new Error(`Cannot go on: ${status} ${text}`);
}

async function row(name: string, times: number, once: () => Promise<number>): Promise<string> {
  const taken: number[] = [];
  while (taken.length < times) taken.push(await once());
  return `${name.padEnd(36)} median ${median(taken).toFixed(0)} ms, worst ` +
    `${Math.max(...taken).toFixed(0)} ms of ${times}, load average ${loadavg()[0]?.toFixed(1)}`;
}

async function rows(write: Write, { instances }: TwoServices, redis: string): Promise<void> {
  const [{ service: one }, { service: other }] = instances;
  const both: Both = [one, other];
  await write(await row(`a revoked token, ${redis}`, REVOCATIONS, () => revocation(both)));
  await write(await row(`changed roles, ${redis}`, CHANGES, () => change(both)));
}

/**
 * How long a token that was revoked on one instance is still taken by another, from the answer to the
 * revocation on, and how long changed roles take: with Redis and without. The aims are 1 s and 60 s.
 * Needs `deno task services:up neo4j records`.
 */
export async function benchRevocation(write: Write): Promise<void> {
  await using two = await startTwoServices({ settings: WIDE_LIMIT });
  await rows(write, two, "with Redis");
  await two.redis.kill();
  await rows(write, two, "without Redis");
}
