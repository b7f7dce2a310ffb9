import assert from "node:assert/strict";
import { join } from "node:path";
import type { Clock } from "../../domain/ports/clock.ts";
import { type DataDir, DataDirHeld, openDataDir } from "./data_dir.ts";
import { spawnProgram } from "./testdata/child_process.ts";

const CLOCK: Clock = { now: () => Date.parse("2026-02-03T04:05:06.789Z"), monotonic: () => 0 };

interface Scratch extends AsyncDisposable {
  readonly directory: string;
  readonly path: string;
}

async function scratch(): Promise<Scratch> {
  const directory = await Deno.makeTempDir({ prefix: "data-dir-" });
  return {
    directory,
    path: join(directory, "nested", "data"),
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

function open(path: string): Promise<DataDir> {
  return openDataDir({ path, holder: "127.0.0.1:8000", clock: CLOCK });
}

Deno.test("openDataDir() makes the directory for its owner alone", async () => {
  await using at = await scratch();
  await using dir = await open(at.path);
  assert.equal(dir.path, at.path);
  assert.equal(((await Deno.stat(at.path)).mode ?? 0) & 0o777, 0o700);
});

Deno.test("openDataDir() leaves the mode of a directory that is there", async () => {
  await using at = await scratch();
  await Deno.chmod(at.directory, 0o755);
  await using _dir = await open(at.directory);
  assert.equal(((await Deno.stat(at.directory)).mode ?? 0) & 0o777, 0o755);
});

Deno.test("openDataDir() refuses a second open and says who holds it", async () => {
  await using at = await scratch();
  await using _held = await open(at.path);
  await assert.rejects(open(at.path), {
    message: `Cannot open data directory '${at.path}': process ${Deno.pid}, ` +
      "listening on 127.0.0.1:8000 since 2026-02-03T04:05:06.789Z, holds it",
  });
});

Deno.test("openDataDir() tells whether its holder gives way to a service", async () => {
  for (const yields of [false, true]) {
    await using at = await scratch();
    const options = { path: at.path, holder: "a socket", clock: CLOCK };
    await using _held = await openDataDir({ ...options, yields });
    await assert.rejects(open(at.path), (error) => {
      assert.ok(error instanceof DataDirHeld);
      assert.equal(error.message.includes(", giving way to a service, holds it"), yields);
      return error.yields === yields;
    });
  }
});

Deno.test("openDataDir() waits for a holder that is just about to go", async () => {
  await using at = await scratch();
  const held = await open(at.path);
  // As it stands between the emptying of the file and the end of the lock.
  await Deno.truncate(join(at.path, "lock"));
  const waiting = open(at.path);
  await held[Symbol.asyncDispose]();
  await using next = await waiting;
  assert.equal(next.path, at.path);
});

Deno.test("openDataDir() refuses another process", async () => {
  await using at = await scratch();
  await using _held = await open(at.path);
  await using child = spawnProgram("hold_data_dir.ts", at.directory, at.path);
  assert.match(
    await child.line() ?? "",
    new RegExp(`: process ${Deno.pid}, listening on .* holds it`),
  );
});

Deno.test("openDataDir() opens again after closing, and closing twice is once", async () => {
  await using at = await scratch();
  const first = await open(at.path);
  await first[Symbol.asyncDispose]();
  await using _second = await open(at.path);
  await first[Symbol.asyncDispose]();
  await assert.rejects(open(at.path), /holds it/);
});

Deno.test("openDataDir() opens once the holder was ended by SIGKILL", async () => {
  await using at = await scratch();
  await using child = spawnProgram("hold_data_dir.ts", at.directory, at.path);
  const told = await child.line();
  assert.equal(told, `held by ${child.pid}`);
  await assert.rejects(
    open(at.path),
    new RegExp(`process ${child.pid}, listening on 127.0.0.1:8123 since 2026-01-01T00:00:00.000Z`),
  );
  await child.kill();
  await using again = await open(at.path);
  assert.equal(again.path, at.path);
});

Deno.test("openDataDir() says why a path cannot be a directory", async () => {
  await using at = await scratch();
  const path = join(at.directory, "file");
  await Deno.writeTextFile(path, "");
  await assert.rejects(open(path), /^Error: Cannot open data directory '.*file': /);
});
