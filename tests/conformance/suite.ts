/** Revisions of the protocol that the suite has requirements of. */
export type Revision = "2025-11-25" | "2026-07-28";

/** What became of one scenario. */
export interface ScenarioOutcome {
  readonly passed: number;
  readonly failed: number;
}

/** What a run of the suite has told. */
export interface SuiteRun {
  readonly code: number;
  readonly output: string;
  /** What the revision requires of a server, by name. */
  readonly required: readonly string[];
}

const SUITE = "npm:@modelcontextprotocol/conformance@0.2.0-alpha.12";

async function suite(args: readonly string[]): Promise<{ code: number; output: string }> {
  const { code, stdout, stderr } = await new Deno.Command("deno", {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--allow-read",
      "--allow-env",
      "--allow-net=127.0.0.1,localhost",
      SUITE,
      ...args,
    ],
    cwd: new URL("../../", import.meta.url).pathname,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const [told, complained] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, output: `${told}\n${complained}` };
}

/** Runs what a revision requires of a server; nothing is expected to fail. */
export async function runSuite(url: string, revision: Revision): Promise<SuiteRun> {
  const baseline = new URL("baseline.yaml", import.meta.url).pathname;
  const args = ["server", "--url", url, "--requirements", revision];
  const listed = await suite(["list", "--server", "--requirements", revision]);
  const ran = await suite([...args, "--expected-failures", baseline]);
  return { ...ran, required: requiredIn(listed.output) };
}

/** The scenarios that a revision requires of a server, as the suite lists them. */
function requiredIn(listed: string): string[] {
  const [, section = ""] = listed.split(/^Server scenarios.*$/m);
  const [own = ""] = section.split(/^\S/m);
  return [...own.matchAll(/^ +- (\S+)$/gm)].map(([, name = ""]) => name);
}

/** How each scenario ended, by the summary's lines. */
function outcomesIn(output: string): Map<string, ScenarioOutcome> {
  const [, summary = ""] = output.split(/^=== SUMMARY ===$/m);
  const lines = summary.matchAll(/^[✓✗] (\S+): (\d+) passed, (\d+) failed/gm);
  return new Map(
    [...lines].map(([, name = "", passed, failed]) => [
      name,
      { passed: Number(passed), failed: Number(failed) },
    ]),
  );
}

/**
 * What is wrong with a run: no faults means that every required scenario has tested something, and that
 * nothing of it has failed. The suite's exit code alone says nothing of a run that tested nothing.
 */
export function faultsOf({ code, output, required }: SuiteRun): string[] {
  const outcomes = outcomesIn(output);
  const faults = required.flatMap((name) => {
    const { passed, failed } = outcomes.get(name) ?? { passed: 0, failed: 0 };
    return passed > 0 && failed === 0 ? [] : [`${name}: ${passed} passed, ${failed} failed`];
  });
  if (required.length === 0) faults.push("the suite requires nothing");
  if (code !== 0) faults.push(`the suite ended with exit code ${code}`);
  return faults;
}
