import assert from "node:assert/strict";
import { DomainError } from "../../domain/errors.ts";
import type { ExecutionOutcome } from "../../domain/execution/outcome.ts";
import type { ExecutionRequest } from "../../domain/execution/request.ts";
import type { ExecutionRunner } from "../../domain/ports/execution_runner.ts";
import { Listener } from "../fixtures/listener.ts";
import { programOf } from "../fixtures/programs.ts";

/** Programs that every runner under this contract must know, fakes included. */
export const PROGRAMS = {
  prints: programOf("python", "print(1)"),
  fails: programOf("bash", "echo bad >&2; exit 3"),
  sleeps: programOf("bash", "sleep 30"),
  sleepsTooLong: programOf("bash", "sleep 30", { limits: { timeoutSeconds: 0.5 } }),
} as const;

const NEVER = new AbortController().signal;

/** Runs a program nobody cancels. */
export function run(runner: ExecutionRunner, request: ExecutionRequest): Promise<ExecutionOutcome> {
  return runner.run(request, NEVER);
}

function refusedWith(code: string): (error: unknown) => boolean {
  return (error) => error instanceof DomainError && error.failure.code === code;
}

/** What any `ExecutionRunner` must do, whatever it runs programs with. */
export function executionRunnerContract(
  name: string,
  open: () => Promise<ExecutionRunner>,
): void {
  answersContract(name, open);
  watchingContract(name, open);
  endingsContract(name, open);
}

function answersContract(name: string, open: () => Promise<ExecutionRunner>): void {
  Deno.test(`${name}: run() answers with what the program wrote [S13, S21]`, async () => {
    await using runner = await open();
    assert.equal(runner.status().ready, true);
    const outcome = await run(runner, PROGRAMS.prints);
    assert.equal(outcome.stdout, "1\n");
    assert.equal(outcome.outcome, "ok");
    assert.equal(outcome.returnCode, 0);
    assert.equal(outcome.limit, null);
    assert.ok(outcome.durationSeconds > 0 && outcome.cpuSeconds >= 0);
  });

  Deno.test(`${name}: run() answers when the program fails [S13]`, async () => {
    await using runner = await open();
    const outcome = await run(runner, PROGRAMS.fails);
    assert.deepEqual(
      [outcome.outcome, outcome.returnCode, outcome.stderr, outcome.signal, outcome.limit],
      ["nonzero", 3, "bad\n", null, null],
    );
  });

  Deno.test(`${name}: run() ends a program at its timeout and says so [S14]`, async () => {
    await using runner = await open();
    const outcome = await run(runner, PROGRAMS.sleepsTooLong);
    assert.deepEqual(
      [outcome.outcome, outcome.returnCode, outcome.limit],
      ["timeout", 124, "timeout_seconds"],
    );
    assert.ok(outcome.durationSeconds >= 0.5);
  });

  Deno.test(`${name}: run() keeps many runs at once apart [S13]`, async () => {
    await using runner = await open();
    const all = Array.from({ length: 12 }, () => run(runner, PROGRAMS.prints));
    const fails = await run(runner, PROGRAMS.fails);
    assert.equal(fails.stdout, "");
    for (const outcome of await Promise.all(all)) assert.equal(outcome.stdout, "1\n");
  });
}

function watchingContract(name: string, open: () => Promise<ExecutionRunner>): void {
  Deno.test(`${name}: a watcher hears first of the start, then what is written [B5]`, async () => {
    await using runner = await open();
    const [watcher, failing] = [new Listener(), new Listener()];
    const outcome = await runner.run(PROGRAMS.prints, NEVER, watcher);
    assert.deepEqual([watcher.heard, outcome.stdout], [["started", "stdout"], "1\n"]);
    assert.equal(watcher.stdout, "1\n");
    await runner.run(PROGRAMS.fails, NEVER, failing);
    assert.deepEqual([failing.heard, failing.stderr], [["started", "stderr"], "bad\n"]);
  });

  Deno.test(`${name}: a run that is not begun tells its watcher nothing [B5]`, async () => {
    await using runner = await open();
    const watcher = new Listener();
    await assert.rejects(runner.run(PROGRAMS.prints, AbortSignal.abort(), watcher));
    assert.deepEqual(watcher.heard, []);
  });
}

function endingsContract(name: string, open: () => Promise<ExecutionRunner>): void {
  Deno.test(`${name}: a run whose caller leaves is ended and says so [B5]`, async () => {
    await using runner = await open();
    const caller = new AbortController();
    const watcher = new Listener();
    const pending = runner.run(PROGRAMS.sleeps, caller.signal, watcher);
    await watcher.begun;
    caller.abort();
    const { outcome, returnCode, signal, limit } = await pending;
    assert.deepEqual([outcome, returnCode, signal, limit], ["cancelled", 137, "SIGKILL", null]);
    await assert.rejects(runner.run(PROGRAMS.prints, caller.signal), refusedWith("cancelled"));
  });

  Deno.test(`${name}: an abort after the answer changes nothing [S15]`, async () => {
    await using runner = await open();
    const caller = new AbortController();
    const outcome = await runner.run(PROGRAMS.prints, caller.signal);
    caller.abort();
    assert.equal(outcome.outcome, "ok");
    assert.equal((await run(runner, PROGRAMS.prints)).outcome, "ok");
  });

  Deno.test(`${name}: closing ends runs in flight with shutting_down [S15]`, async () => {
    const runner = await open();
    const pending = assert.rejects(run(runner, PROGRAMS.sleeps), refusedWith("shutting_down"));
    await runner[Symbol.asyncDispose]();
    await pending;
    assert.equal(runner.status().ready, false);
    await assert.rejects(run(runner, PROGRAMS.prints), refusedWith("shutting_down"));
  });
}
