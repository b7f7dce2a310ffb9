import assert from "node:assert/strict";
import { endless } from "../../tests/fakes/fake_application.ts";
import { ERAS, ServedSurface } from "../../tests/fakes/served_surface.ts";

interface Heard {
  readonly progress: number;
  readonly message?: string | undefined;
}

for (const era of ERAS) {
  Deno.test(`/mcp tells a ${era.name} client that asks for it what a program writes [B5, S22]`, async () => {
    await using served = new ServedSurface();
    const long = "<é".repeat(100_000);
    served.surface.application.programs.set("talk", async (_command, _context, watcher) => {
      for (const text of ["one", "<two>", long]) await watcher?.wrote("stdout", text);
      await watcher?.wrote("stderr", "three");
      return { stdout: `one<two>${long}`, stderr: "three" };
    });
    await using connected = await served.connect(era);
    const heard: Heard[] = [];
    const result = await connected.client.callTool(
      { name: "execute_code", arguments: { code: "talk" } },
      { onprogress: (progress) => void heard.push(progress) },
    );
    assert.deepEqual(heard.map(({ progress }) => progress), [1, 2, 3, 4, 5]);
    const messages = heard.map(({ message }) => message);
    assert.equal(messages[3] === long, true);
    assert.deepEqual(messages.toSpliced(3, 1), ["started", "one", "<two>", "three"]);
    const { stdout } = result.structuredContent as { stdout: string };
    assert.equal(stdout, `one<two>${long}`);
  });

  Deno.test(`/mcp tells a ${era.name} client nothing that it did not ask for [B5]`, async () => {
    await using served = new ServedSurface();
    const watchers: unknown[] = [];
    served.surface.application.programs.set("talk", (_command, _context, watcher) => {
      watchers.push(watcher);
      return {};
    });
    await using connected = await served.connect(era);
    await connected.client.callTool({ name: "execute_code", arguments: { code: "talk" } });
    assert.deepEqual(watchers, [undefined]);
  });
}

Deno.test("/mcp ends the run of a 2026-07-28 client that cancels it [B5]", async () => {
  await using served = new ServedSurface();
  const { program, started, ended } = endless();
  served.surface.application.programs.set("wait", program);
  await using connected = await served.connect(ERAS[1]);
  const caller = new AbortController();
  const call = connected.client.callTool(
    { name: "execute_code", arguments: { code: "wait" } },
    { signal: caller.signal, onprogress: () => {} },
  );
  const refused = assert.rejects(call);
  await started;
  caller.abort();
  await refused;
  await ended;
});
