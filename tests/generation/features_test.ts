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

/** The first Python of this machine that has Jinja; `null`: none has. */
async function pythonWithJinja(): Promise<string | null> {
  for (const python of ["python3", "/usr/bin/python3"]) {
    const trial = new Deno.Command(python, { args: ["-c", "import jinja2"], stderr: "null" });
    if ((await trial.output()).success) return python;
  }
  return null;
}

const PYTHON = await pythonWithJinja();

Deno.test({
  name: "generate_code: the cases say what Jinja itself makes of them (needs Jinja) [S20]",
  ignore: PYTHON === null,
  async fn() {
    const folder = new URL(".", import.meta.url).pathname;
    const command = new Deno.Command(PYTHON ?? "", {
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
