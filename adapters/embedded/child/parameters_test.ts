import assert from "node:assert/strict";
import type { ParameterValue } from "../../../domain/graph/value.ts";
import { isFailure } from "../../../domain/errors.ts";
import { withoutTexts } from "./lexical.ts";
import { givenStatement } from "./parameters.ts";
import { isRepeatable } from "./repeatable.ts";

Deno.test("givenStatement() hands over what the engine takes rightly as it is [S10]", () => {
  const parameters = { a: 1n, b: 0.5, c: ["x", null], d: { e: [true] } };
  const { text, parameters: given } = givenStatement("RETURN $a, $b, $c, $d", parameters);
  assert.equal(text, "RETURN $a, $b, $c, $d");
  assert.deepEqual(given, parameters);
});

Deno.test("givenStatement() has the statement make FLOATs and odd maps itself [S10]", () => {
  const parameters = { x: 1, l: [1, -0, 2.5], m: { a: 1, b: "t" }, d: { $date: "2020-01-02" } };
  const statement = "RETURN $x, $`x`, '$x', \"$x\", `$x`, $xx /* $x */, $l, $m, $d // $x";
  const { text, parameters: given } = givenStatement(statement, { ...parameters, xx: 1n });
  const list = "[item IN $l | toFloat(item)]";
  const map = "{`a`: toFloat($m[0]), `b`: $m[1]}";
  assert.equal(
    text,
    "RETURN toFloat($x), toFloat($x), '$x', \"$x\", `$x`, $xx /* $x */, " +
      `${list}, ${map}, {\`$date\`: $d[0]} // $x`,
  );
  assert.deepEqual(given, {
    x: "1",
    l: ["1", "-0.0", 2.5],
    m: ["1", "t"],
    d: ["2020-01-02"],
    xx: 1n,
  });
});

Deno.test("givenStatement() refuses what the engine cannot hold, by name [S10]", () => {
  let deep: ParameterValue = 1n;
  for (let level = 0; level < 200; level += 1) deep = [deep];
  const refused: readonly [ParameterValue, "query_invalid" | "validation_failed"][] = [
    [deep, "query_invalid"],
    [2n ** 63n, "query_invalid"],
    [-(2n ** 63n) - 1n, "query_invalid"],
    [{ "a`b": 1 }, "query_invalid"],
    ["\ud800", "validation_failed"],
    [{ "\ud800": null }, "validation_failed"],
  ];
  for (const [x, code] of refused) {
    assert.throws(() => givenStatement("RETURN $x", { x }), (error) => isFailure(error, code));
  }
});

Deno.test("withoutTexts() ends with what is never closed, however often it begins [S10]", () => {
  assert.equal(
    withoutTexts("RETURN 'a\\'b' + \"c\" AS `d` // e\n+ /* f"),
    "RETURN '' + '' AS `d`  \n+  ",
  );
  assert.equal(withoutTexts('"\\"'.repeat(50_000)).length > 0, true);
});

Deno.test("isRepeatable() doubts what may give the present or chance [S12]", () => {
  const plan = "Return (1)\n  Empty\n";
  for (
    const kept of [
      "RETURN 'rand()'",
      "RETURN date('2020-01-02') AS d",
      "RETURN 1 // now",
      "RETURN ('a')",
    ]
  ) {
    assert.equal(isRepeatable(kept, plan), true, kept);
  }
  for (
    const other of ["RETURN rand /**/ ()", "RETURN date()", "RETURN `rand`()", "RETURN '\\u0072'"]
  ) {
    assert.equal(isRepeatable(other, plan), false, other);
  }
  for (const shown of ["rand()", "datetime()"]) {
    assert.equal(isRepeatable("RETURN 1", `Return (${shown})\n  Empty\n`), false, shown);
  }
});
