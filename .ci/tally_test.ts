import { deepStrictEqual, throws } from "node:assert/strict";
import { tally } from "./tally.ts";

/** A file as `deno test` writes it: two that pass, one that fails, one ignored, and a step. */
const MIXED = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="5" failures="2" errors="0" time="0.128">
    <testsuite name="./a_test.ts" tests="5" disabled="1" errors="0" failures="2">
        <testcase name="ok &lt;&amp;&gt; &quot;q&quot;" classname="./a_test.ts" time="0.002">
        </testcase>
        <testcase name="bad" classname="./a_test.ts" time="0.002" line="2" col="6">
            <failure message="1 test step failed">1 test step failed.</failure>
        </testcase>
        <testcase name="left out" classname="./a_test.ts" time="0.000" line="3" col="6">
            <skipped/>
        </testcase>
        <testcase name="bad &gt; step" classname="./a_test.ts" time="0.001" line="2" col="41">
            <failure message="Uncaught Error: &lt;skipped/&gt; boo">Error: &lt;testcase&gt;
    at file:///a_test.ts:2:41</failure>
        </testcase>
        <testcase name="short" classname="./a_test.ts" time="0.000"/>
    </testsuite>
</testsuites>
`;

Deno.test("tally() counts passed, failed and ignored tests and names those that are not passed", () => {
  deepStrictEqual(tally(MIXED), {
    passed: 2,
    failed: ["./a_test.ts: bad", "./a_test.ts: bad &gt; step"],
    ignored: ["./a_test.ts: left out"],
  });
});

Deno.test("tally() takes a file without tests for what it is", () => {
  const empty = '<testsuites name="deno test" tests="0" failures="0" errors="0"></testsuites>';
  deepStrictEqual(tally(empty), { passed: 0, failed: [], ignored: [] });
});

Deno.test("tally() refuses a file that is cut short, empty, or whose totals do not add up", () => {
  const broken = [
    "",
    MIXED.slice(0, MIXED.indexOf("left out")),
    MIXED.replace(
      'tests="5" failures="2" errors="0" time',
      'tests="6" failures="2" errors="0" time',
    ),
    MIXED.replace('disabled="1"', 'disabled="0"'),
    MIXED.replace('failures="2" errors="0" time', 'failures="0" errors="0" time'),
  ];
  for (const junit of broken) throws(() => tally(junit), /Cannot read the JUnit file/);
});
