import assert from "node:assert/strict";
import { tokensOf, unescaped } from "./lexical.ts";

Deno.test("tokensOf() tells names, texts, parameters and signs, and leaves comments out [S10]", () => {
  const tokens = tokensOf("MATCH /* ( */ (`a``b`:B) // x\nWHERE n.x='it\\'s' RETURN $p, $`q r`");
  assert.deepEqual(
    tokens.map(({ kind, text }) => `${kind} ${text}`),
    [
      ...["name MATCH", "sign (", "quoted name a`b", "sign :", "name B", "sign )", "name WHERE"],
      ...["name n", "sign .", "name x", "sign =", "text '", "name RETURN", "parameter $p"],
      ...["sign ,", "parameter $`q r`"],
    ],
  );
});

Deno.test("tokensOf() takes what is never closed to the end", () => {
  for (const open of ["'CREATE (n)", '"CREATE (n)', "`CREATE (n)"]) {
    assert.equal(tokensOf(`RETURN ${open}`).length, 2, open);
  }
  assert.equal(tokensOf("RETURN /* CREATE (n)").length, 1);
});

Deno.test("tokensOf() takes for spaces what the database does [S10]", () => {
  for (const space of ["\x1c", "\x1d", "\x1e", "\x1f", "\x0b", "\u00a0", "\u2028", "\u3000"]) {
    assert.equal(tokensOf(`LOAD${space}CSV`).map(({ text }) => text).join(" "), "LOAD CSV");
  }
});

Deno.test("tokensOf() says where a token stands", () => {
  const statement = "RETURN labels(n)";
  const [, name] = tokensOf(statement);
  assert.equal(statement.slice(name?.start, name?.end), "labels");
});

Deno.test("unescaped() puts in what escapes stand for, and leaves other backslashes", () => {
  assert.equal(unescaped("L\\u004FAD \\uu0043SV"), "LOAD CSV");
  assert.equal(unescaped("'\\\\u0041' \\n"), "'\\\\u0041' \\n");
});
