import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Renderer } from "../../adapters/templates/renderer.ts";
import { isFailure } from "../../domain/errors.ts";
import { type TemplateCase, templateCases } from "./template_cases.ts";

const CASES = await templateCases();
const NEVER = new AbortController().signal;

async function outcomeOf(renderer: Renderer, { template, context = {} }: TemplateCase) {
  try {
    return { text: await renderer.render({ template, context }, "ada", NEVER) };
  } catch (error) {
    if (!isFailure(error, "template_invalid")) throw error;
    return { fault: error.failure.code === "template_invalid" ? error.failure.message : "" };
  }
}

Deno.test("generate_code: each feature of Jinja's documentation [S20]", async (t) => {
  await using renderer = new Renderer({ deno: "deno" });
  ok(CASES.length > 150, `found only ${CASES.length} cases`);
  for (const { fault, here, jinja, ...one } of CASES) {
    await t.step(one.feature, async () => {
      const expected = fault === undefined ? { text: here ?? jinja } : { fault };
      deepStrictEqual(await outcomeOf(renderer, { jinja, ...one }), expected, one.template);
    });
  }
});

Deno.test("generate_code: a difference from Jinja has its reason [S20]", () => {
  for (const { feature, fault, here, jinja, reason } of CASES) {
    const differs = fault !== undefined || (here !== undefined && here !== jinja);
    strictEqual(reason !== undefined, differs, feature);
  }
});

/** Whether this machine's Python has Jinja; `.ci/run` sees to it. */
async function hasJinja(): Promise<boolean> {
  const args = ["-c", "import jinja2"];
  return (await new Deno.Command("python3", { args, stderr: "null" }).output()).success;
}

Deno.test({
  name: "generate_code: the cases say what Jinja itself makes of them [S20]",
  ignore: !await hasJinja(),
  async fn() {
    const folder = new URL(".", import.meta.url).pathname;
    const command = new Deno.Command("python3", {
      args: [`${folder}jinja.py`],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const source = await Deno.readTextFile(`${folder}/features.json`);
    await ReadableStream.from([new TextEncoder().encode(source)]).pipeTo(command.stdin);
    const { stdout, success } = await command.output();
    ok(success);
    const outputs = JSON.parse(new TextDecoder().decode(stdout)) as (string | null)[];
    deepStrictEqual(
      outputs.map((output, at) => [CASES[at]?.feature, output]),
      CASES.map(({ feature, jinja }) => [feature, jinja]),
    );
  },
});
