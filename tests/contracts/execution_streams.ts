import assert from "node:assert/strict";
import type { ExecutionRunner, OutputStream } from "../../domain/ports/execution_runner.ts";
import { eventually } from "../fixtures/eventually.ts";
import { Listener } from "../fixtures/listener.ts";
import { programNamed, programOf } from "../fixtures/programs.ts";

const NEVER = new AbortController().signal;

/** Untaken output, by the port's own word, and what one more read and the run's end may add. */
const MOST_UNTAKEN = 262_144 + 4 * 65_536;

/** A watcher that takes nothing until it is let. */
class SlowListener extends Listener {
  untaken = 0;
  readonly #let = Promise.withResolvers<void>();

  override async wrote(stream: OutputStream, text: string): Promise<void> {
    super.wrote(stream, text);
    this.untaken += text.length;
    await this.#let.promise;
  }

  /** Takes everything from now on. */
  release(): void {
    this.#let.resolve();
  }
}

function seen(what: string, ask: () => boolean | Promise<boolean>): Promise<true> {
  return eventually(what, async () => await ask() ? true : null);
}

/** What any runner of real programs must hold where its caller listens. */
export function executionStreamsContract(
  name: string,
  open: () => Promise<ExecutionRunner>,
): void {
  orderContract(name, open);
  pressureContract(name, open);
}

function orderContract(name: string, open: () => Promise<ExecutionRunner>): void {
  Deno.test(`${name}: output is told while the program runs, not when it ends [B5]`, async () => {
    await using runner = await open();
    const [caller, watcher] = [new AbortController(), new Listener()];
    const request = await programNamed("streams/waits.py");
    const pending = runner.run(request, caller.signal, watcher);
    await seen("both outputs", () => watcher.stdout === "now\n" && watcher.stderr === "and here\n");
    caller.abort();
    const { outcome, stdout, stderr } = await pending;
    assert.deepEqual([outcome, stdout, stderr], ["cancelled", "now\n", "and here\n"]);
  });

  for (const language of ["py", "js", "sh"] as const) {
    Deno.test(`${name}: pieces of ${language} output are cut between characters [B5]`, async () => {
      await using runner = await open();
      // An ordinary user may be unable to read the Deno that runs the tests.
      if (language === "js" && runner.status().unavailableLanguages.javascript) return;
      const watcher = new Listener();
      const request = await programNamed(`streams/split.${language}`);
      const { stdout } = await runner.run(request, NEVER, watcher);
      assert.equal(stdout, "é€😀\ufffd");
      assert.equal(watcher.stdout, stdout);
    });
  }

  Deno.test(`${name}: what is past the output limit is not told either [B5]`, async () => {
    await using runner = await open();
    const watcher = new Listener();
    const request = await programNamed("ordinary/chatty.py", { limits: { outputKb: 2 } });
    const outcome = await runner.run(request, NEVER, watcher);
    assert.deepEqual([outcome.stdoutTruncated, outcome.stderrTruncated], [true, true]);
    assert.deepEqual([watcher.stdout, watcher.stderr], [outcome.stdout, outcome.stderr]);
  });

  Deno.test(`${name}: what a program wrote before a limit ended it is told [B5]`, async () => {
    await using runner = await open();
    const watcher = new Listener();
    const request = await programNamed("streams/waits.py", { limits: { timeoutSeconds: 0.5 } });
    const { outcome } = await runner.run(request, NEVER, watcher);
    assert.deepEqual([outcome, watcher.stdout], ["timeout", "now\n"]);
  });
}

function pressureContract(name: string, open: () => Promise<ExecutionRunner>): void {
  const code = 'import sys\nfor n in range(4096): sys.stdout.write(f"{n:1023}\\n")';

  Deno.test(`${name}: a slow reader holds the program back, and loses nothing [B5]`, async () => {
    await using runner = await open();
    const watcher = new SlowListener();
    const limits = { outputKb: 8192 };
    const pending = runner.run(programOf("python", code, { limits }), NEVER, watcher);
    let before = -1;
    await seen("the program wait", async () => {
      before = watcher.untaken;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return before > 0 && before === watcher.untaken;
    });
    assert.ok(watcher.untaken <= MOST_UNTAKEN, String(watcher.untaken));
    watcher.release();
    const { outcome, stdout } = await pending;
    assert.deepEqual([outcome, stdout.length], ["ok", 4096 * 1024]);
    assert.equal(watcher.stdout === stdout, true);
  });

  Deno.test(`${name}: a run that a slow reader holds back still ends at its limit [B5]`, async () => {
    await using runner = await open();
    const watcher = new SlowListener();
    const limits = { outputKb: 8192, timeoutSeconds: 0.5 };
    const pending = runner.run(programOf("python", code, { limits }), NEVER, watcher);
    assert.equal((await pending).outcome, "timeout");
    watcher.release();
  });

  Deno.test(`${name}: a slow reader holds nobody else back [B5]`, async () => {
    await using runner = await open();
    const [caller, slow, quick] = [new AbortController(), new SlowListener(), new Listener()];
    const held = runner.run(programOf("python", code), caller.signal, slow);
    await seen("the first output", () => slow.untaken > 0);
    await runner.run(programOf("python", code), NEVER, quick);
    assert.equal(quick.stdout.length, 1024 * 1024);
    caller.abort();
    slow.release();
    await held;
  });
}
