import assert from "node:assert/strict";
import { areInstalled } from "../fixtures/installed.ts";
import { missedInside, PythonSuite } from "./python_suite/suite.ts";
import knownDifferences from "./python_suite/differences.json" with { type: "json" };
import knownExclusions from "./python_suite/exclusions.json" with { type: "json" };

const AT_ONCE = 2;
const LEAST_MODULES = 300;
const LEAST_TESTS = 25_000;
const TOOLS = ["apt-get", "dpkg-deb", "setpriv", "/usr/bin/python3"];
const installed = await areInstalled(...TOOLS);

/** Names by the reason why they stand there. */
type Reasons = Readonly<Record<string, readonly string[]>>;
const differences: Reasons = knownDifferences;
const exclusions: Reasons = knownExclusions;
/** Tests that are known to pass bare and not inside. */
const KNOWN: ReadonlySet<string> = new Set(Object.values(differences).flat());
const EXCLUDED: ReadonlySet<string> = new Set(Object.values(exclusions).flat());

/** What a module's tests were, compared. */
interface Comparison {
  readonly passedBare: readonly string[];
  readonly missed: readonly string[];
}

async function compare(suite: PythonSuite, module: string): Promise<Comparison> {
  const bare = await suite.bare(module);
  const inside = await suite.sandboxed(module);
  const passedBare = [...bare.outcomes].filter(([, outcome]) => outcome === "passed");
  return {
    passedBare: passedBare.map(([name]) => name),
    missed: missedInside(bare.outcomes, inside.outcomes),
  };
}

/**
 * Compares a module, and once more where what was found is not what is known: some of these tests
 * time something, and only what shows twice is a difference.
 */
async function compareSurely(suite: PythonSuite, module: string): Promise<Comparison> {
  const first = await compare(suite, module);
  const isNews = first.missed.some((name) => !KNOWN.has(name)) ||
    first.passedBare.some((name) => KNOWN.has(name) && !first.missed.includes(name));
  if (!isNews) return first;
  const second = await compare(suite, module);
  const both = first.missed.filter((name) => second.missed.includes(name));
  const known = [...first.missed, ...second.missed].filter((name) => KNOWN.has(name));
  return { ...first, missed: [...new Set([...both, ...known])] };
}

Deno.test({
  name: `What passes of CPython's own tests passes inside, but for what is listed [S13, S15]${
    installed ? "" : ` (needs ${TOOLS.join(", ")})`
  }`,
  ignore: !installed,
  async fn() {
    await using suite = await PythonSuite.open();
    const chosen = suite.modules.filter((module) => !EXCLUDED.has(module));
    const modules = chosen.values();
    const found: Comparison[] = [];
    async function work(): Promise<void> {
      for (const module of modules) found.push(await compareSurely(suite, module));
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work));

    const missed = new Set(found.flatMap((comparison) => comparison.missed));
    assert.deepEqual([...missed].filter((name) => !KNOWN.has(name)), [], "new differences");
    assert.deepEqual(
      [...KNOWN].filter((name) => !missed.has(name)),
      [],
      "differences that are none",
    );
    // Besides its tests, each module that ends by itself counts as one.
    const counts = found.map(({ passedBare }) => passedBare.length - 1).filter((count) =>
      count > 0
    );
    const tests = counts.reduce((sum, count) => sum + count, 0);
    assert.ok(counts.length >= LEAST_MODULES && tests >= LEAST_TESTS, `${counts.length}, ${tests}`);
  },
});
