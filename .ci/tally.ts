/** What a JUnit file says of a run. */
export interface Tally {
  readonly passed: number;
  readonly failed: readonly string[];
  /** Ignored tests: in CI nothing may be left out. */
  readonly ignored: readonly string[];
}

/**
 * Counts the tests and steps of a JUnit file as `deno test` writes it.
 *
 * @throws {Error} when the cases found do not add up to the totals that the file states, so that a
 * file cut short or of another shape is never taken for a good one.
 */
export function tally(junit: string): Tally {
  const cases = Array.from(
    junit.matchAll(/<testcase\b([^<>]*?)(?:\/>|>(.*?)<\/testcase>)/gs),
    ([, attributes = "", body = ""]) => ({ name: nameOf(attributes), body }),
  );
  const failed = cases.filter(({ body }) => /<(failure|error)\b/.test(body));
  const ignored = cases.filter(({ body }) => /<skipped\b/.test(body));
  const stated = {
    tests: sum(junit, "testsuites", "tests"),
    failures: sum(junit, "testsuites", "failures") + sum(junit, "testsuites", "errors"),
    disabled: sum(junit, "testsuite", "disabled"),
  };
  const found = { tests: cases.length, failures: failed.length, disabled: ignored.length };
  if (!/<\/testsuites>\s*$/.test(junit) || JSON.stringify(stated) !== JSON.stringify(found)) {
    throw new Error(
      `Cannot read the JUnit file: it states ${JSON.stringify(stated)}, found ${
        JSON.stringify(found)
      }`,
    );
  }
  return {
    passed: cases.length - failed.length - ignored.length,
    failed: failed.map(({ name }) => name),
    ignored: ignored.map(({ name }) => name),
  };
}

/** Sums an attribute over every element of a name. Deno escapes `<`, `>` and quotes in texts. */
function sum(xml: string, element: string, attribute: string): number {
  const tags = xml.matchAll(new RegExp(`<${element}\\b[^<>]*\\b${attribute}="(\\d+)"`, "g"));
  return Array.from(tags, ([, number]) => Number(number)).reduce((left, right) => left + right, 0);
}

function nameOf(attributes: string): string {
  const value = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? "?";
  return `${value("classname")}: ${value("name")}`;
}

/** Prints each fault on a line of its own, then `PASSED FAILED` alone on the last. */
function report({ passed, failed, ignored }: Tally): string {
  const lines = [
    ...failed.map((name) => `failed: ${name}`),
    ...ignored.map((name) => `ignored, which counts as failed: ${name}`),
  ];
  return [...lines, `${passed} ${failed.length + ignored.length}`].join("\n") + "\n";
}

if (import.meta.main) {
  const [path = ""] = Deno.args;
  const text = report(tally(await Deno.readTextFile(path)));
  await Deno.stdout.write(new TextEncoder().encode(text));
}
