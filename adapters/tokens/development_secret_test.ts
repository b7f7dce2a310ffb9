import assert from "node:assert/strict";
import { join } from "node:path";
import { secretFaults } from "../../domain/identity/secret.ts";
import { developmentSecret } from "./development_secret.ts";

interface Scratch extends AsyncDisposable {
  readonly directory: string;
  readonly path: string;
}

async function scratch(): Promise<Scratch> {
  const directory = await Deno.makeTempDir({ prefix: "secret-" });
  return {
    directory,
    path: join(directory, "jwt_secret"),
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

async function modeOf(path: string): Promise<number> {
  return ((await Deno.stat(path)).mode ?? 0) & 0o777;
}

Deno.test("developmentSecret() makes a strong secret for its owner alone [S28]", async () => {
  await using at = await scratch();
  const secret = await developmentSecret(at.directory);
  assert.match(secret, /^[A-Za-z0-9_-]{43}$/);
  assert.deepEqual(secretFaults(secret), []);
  assert.equal(await modeOf(at.path), 0o600);
});

Deno.test("developmentSecret() makes the directory for its owner alone, and leaves one as it is [S28]", async () => {
  await using at = await scratch();
  const made = join(at.directory, "not", "yet");
  const secret = await developmentSecret(made);
  assert.equal(await modeOf(made), 0o700);
  await Deno.chmod(made, 0o750);
  await Deno.remove(join(made, "jwt_secret"));
  assert.notEqual(await developmentSecret(made), secret);
  assert.equal(await modeOf(made), 0o750);
});

Deno.test("developmentSecret() gives the same secret again, another elsewhere [S28]", async () => {
  await using here = await scratch();
  await using there = await scratch();
  const secret = await developmentSecret(here.directory);
  assert.equal(await developmentSecret(here.directory), secret);
  assert.notEqual(await developmentSecret(there.directory), secret);
});

Deno.test("developmentSecret() gives one secret to all who ask at once, and no litter", async () => {
  await using at = await scratch();
  const secrets = await Promise.all(
    Array.from({ length: 20 }, () => developmentSecret(at.directory)),
  );
  assert.equal(new Set(secrets).size, 1);
  const names = (await Array.fromAsync(Deno.readDir(at.directory))).map(({ name }) => name);
  assert.deepEqual(names, ["jwt_secret"]);
});

Deno.test("developmentSecret() closes a file that group or others may read [S28]", async () => {
  await using at = await scratch();
  const secret = await developmentSecret(at.directory);
  await Deno.chmod(at.path, 0o644);
  assert.equal(await developmentSecret(at.directory), secret);
  assert.equal(await modeOf(at.path), 0o600);
});

Deno.test("developmentSecret() refuses a file without a usable secret, unechoed [S28]", async () => {
  await using at = await scratch();
  await Deno.writeTextFile(at.path, "hunter2");
  await assert.rejects(developmentSecret(at.directory), (error: Error) => {
    assert.match(error.message, /Cannot use the development secret '.*': it must have at least 32/);
    return !error.message.includes("hunter2");
  });
});

Deno.test("developmentSecret() refuses what is no regular file", async () => {
  await using at = await scratch();
  await Deno.mkdir(at.path);
  await assert.rejects(developmentSecret(at.directory), /not a regular file/);
});
