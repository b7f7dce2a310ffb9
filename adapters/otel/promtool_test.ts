import { deepStrictEqual } from "node:assert/strict";
import { LANGUAGES } from "../../domain/execution/language.ts";
import { ENDS } from "./instruments.ts";
import { createTelemetry } from "./telemetry.ts";
import { ROUTES, telemetryParts } from "./telemetry_fixture.ts";

async function promtool(args: readonly string[], input: string): Promise<Verdict> {
  const command = new Deno.Command("promtool", {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  await using process = command.spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const [{ code }, stdout, stderr] = await Promise.all([
    process.status,
    process.stdout.text(),
    process.stderr.text(),
  ]);
  return { code, said: stdout + stderr };
}

interface Verdict {
  readonly code: number;
  readonly said: string;
}

async function isInstalled(): Promise<boolean> {
  try {
    return (await promtool(["--version"], "")).code === 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) {
      return false;
    }
    throw error;
  }
}

const CLEAN: Verdict = { code: 0, said: "" };
// The Debian package `prometheus` brings promtool. CI installs it and fails on an ignored test.
const ignore = !(await isInstalled());

Deno.test({
  name: "promtool finds the first scrape clean (needs promtool) [S37]",
  ignore,
  async fn() {
    await using telemetry = createTelemetry(telemetryParts());
    deepStrictEqual(await promtool(["check", "metrics"], await telemetry.text()), CLEAN);
  },
});

Deno.test({
  name: "promtool finds a scrape after work of every kind clean (needs promtool) [S37]",
  ignore,
  async fn() {
    await using telemetry = createTelemetry(telemetryParts());
    for (const { method, route } of ROUTES) {
      const ended = { outcome: "failed", source: "callers" } as const;
      const asked = { method, route, status: 500, durationSeconds: 0.3, ...ended };
      telemetry.record({ kind: "http_request_started" });
      telemetry.record({ kind: "auth_decided", result: "ok" });
      telemetry.record({ kind: "http_request_finished", ...asked, authenticated: true });
    }
    telemetry.record({ kind: "execution_admitted", queueSeconds: 0.1 });
    for (const language of LANGUAGES) {
      for (const end of ENDS) {
        telemetry.record({
          kind: "execution_finished",
          language,
          end,
          limit: null,
          durationSeconds: 1,
        });
      }
    }
    deepStrictEqual(await promtool(["check", "metrics"], await telemetry.text()), CLEAN);
  },
});

Deno.test({
  name: "promtool refuses text with a family told twice, so that a clean verdict means something",
  ignore,
  async fn() {
    const { code } = await promtool(["check", "metrics"], "# TYPE a gauge\na 1\n# TYPE a gauge\n");
    deepStrictEqual(code, 1);
  },
});
