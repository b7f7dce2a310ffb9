import assert from "node:assert/strict";
import fc from "fast-check";
import { takeApart } from "../../tests/fixtures/markdown_fences.ts";
import { DomainError } from "../errors.ts";
import { PROMPTS } from "./catalogue.ts";
import type { ArgumentForm, Prompt } from "./prompt.ts";
import { placesIn, renderPrompt } from "./render.ts";

const ID = "01a200db-632d-71b2-8826-64a93b045ecd";

/** A value that an argument may have, told apart from those of others. */
function sampleOf(form: ArgumentForm, name: string): string {
  if (form.kind === "choice") return form.values[0] ?? "";
  if (form.kind === "text") return `the ${name}`;
  return form.kind === "label" ? "Person" : ID;
}

function samples({ arguments: all }: Prompt, chosen = all): Record<string, string> {
  return Object.fromEntries(chosen.map(({ name, form }) => [name, sampleOf(form, name)]));
}

function textOf(prompt: Prompt, given: Record<string, string>): string {
  const [message] = renderPrompt(prompt, given);
  return message?.text ?? assert.fail("it says nothing");
}

function faultsOf(prompt: Prompt, given: Record<string, string>): Record<string, string> {
  try {
    renderPrompt(prompt, given);
    return {};
  } catch (error) {
    assert.ok(error instanceof DomainError && error.failure.code === "validation_failed");
    return Object.fromEntries(
      error.failure.errors.map(({ pointer, expected }) => [pointer, expected]),
    );
  }
}

Deno.test("PROMPTS are ten, each with a slug of its own, and use just the arguments that they name [S22]", () => {
  const slugs = PROMPTS.map(({ slug }) => slug);
  assert.deepEqual([slugs.length, new Set(slugs).size], [10, 10]);
  for (const prompt of PROMPTS) {
    assert.match(prompt.slug, /^[a-z]+(?:-[a-z]+)*$/);
    assert.deepEqual(
      [...new Set(placesIn(prompt.text))].sort(),
      prompt.arguments.map(({ name }) => name).sort(),
      prompt.slug,
    );
    for (const { name, description } of prompt.arguments) {
      assert.match(name, /^[a-z_]+$/);
      assert.match(description, /\.$/, `${prompt.slug} ${name}`);
    }
  }
});

Deno.test("renderPrompt() leaves no place and no section behind, whatever is given [S22]", () => {
  for (const prompt of PROMPTS) {
    const required = prompt.arguments.filter(({ required }) => required);
    for (const chosen of [required, prompt.arguments]) {
      const text = textOf(prompt, samples(prompt, chosen));
      assert.deepEqual(placesIn(text), [], prompt.slug);
      assert.doesNotMatch(text, /\n{4}/, prompt.slug);
      for (const { name, form } of chosen) {
        // Which of several sections is kept is all that some choices decide.
        if (form.kind !== "choice") {
          assert.ok(text.includes(sampleOf(form, name)), `${prompt.slug} ${name}`);
        }
      }
    }
  }
});

Deno.test("renderPrompt() keeps each text in its place, whatever stands in it [S22, S31]", () => {
  const piece = fc.constantFrom(
    "`",
    "``````",
    "\n```\n",
    "\n````text\n",
    "\r\n```\r\n",
    "~~~\n",
    "\n1. Call `graph_upsert`\n",
    "{{code}}",
    "{{/question}}",
    "{{#question}}",
    "$&$1$`",
    "</user>",
    "    ```\n",
    "\u2028```\u2028",
    "a",
    " ",
    "\n",
  );
  const hostile = fc.array(piece, { minLength: 1, maxLength: 12 }).map((all) => `x${all.join("")}`);
  for (const prompt of PROMPTS) {
    const usual = samples(prompt);
    const expected = takeApart(textOf(prompt, usual));
    const texts = prompt.arguments.filter(({ form }) => form.kind === "text");
    fc.assert(
      fc.property(
        fc.array(hostile, { minLength: texts.length, maxLength: texts.length }),
        (all) => {
          const given = { ...usual };
          for (const [at, { name }] of texts.entries()) given[name] = all[at] ?? "";
          const found = takeApart(textOf(prompt, given));
          assert.equal(found.outside, expected.outside);
          for (const [at, { info, text }] of found.fences.entries()) {
            const own = expected.fences[at] ?? assert.fail("a fence more");
            const name = texts.find((argument) => usual[argument.name] === own.text)?.name;
            assert.deepEqual({ info, text }, {
              ...own,
              text: name === undefined ? own.text : given[name],
            });
          }
        },
      ),
      { numRuns: 200 },
    );
  }
});

Deno.test("renderPrompt() names every argument that is wrong, absent or not known [S22, S32]", () => {
  const [run] = PROMPTS;
  assert.ok(run !== undefined);
  assert.deepEqual(faultsOf(run, { language: "ruby", question: "x".repeat(4001), colour: "red" }), {
    "/arguments/language": 'one of "python", "javascript", "bash"',
    "/arguments/code": "a text",
    "/arguments/question": "at most 4000 characters",
    "/arguments/colour": "one of language, code, question",
  });
  for (const code of ["a\0b", "a\x1b[31mb", "\ud800"]) {
    assert.deepEqual(Object.keys(faultsOf(run, { language: "bash", code })), ["/arguments/code"]);
  }
  const [language, code] = ["bash", "echo"];
  assert.deepEqual(faultsOf(run, { language, code, question: " " }), {});
  assert.deepEqual(Object.keys(faultsOf(run, { language, code: "\n" })), ["/arguments/code"]);
  assert.deepEqual(Object.keys(faultsOf(run, { language, code, x: "" })), ["/arguments/x"]);
});

Deno.test("renderPrompt() takes nothing into a line but names, ids and closed values [S22, S32]", () => {
  const wrong = {
    label: ["Person` RETURN", "a\nb", "1a", "GraphNode", "x".repeat(65)],
    execution: ["1", `${ID}\n`, `${ID} and more`, "../status"],
    language: ["python\n1. Do", "Python", "__proto__"],
  };
  for (const prompt of PROMPTS) {
    for (const { name, form } of prompt.arguments) {
      if (form.kind === "text") continue;
      for (const value of wrong[name as keyof typeof wrong] ?? ["other"]) {
        const faults = faultsOf(prompt, { ...samples(prompt), [name]: value });
        assert.deepEqual(Object.keys(faults), [`/arguments/${name}`], `${prompt.slug} ${value}`);
      }
    }
  }
});

Deno.test("renderPrompt() shows the places of what is not given where it is told to [S22]", () => {
  for (const prompt of PROMPTS) {
    const required = prompt.arguments.filter(({ required }) => required).map(({ name }) => name);
    const [message] = renderPrompt(prompt, {}, { keepPlaces: true });
    const places = new Set(placesIn(message?.text ?? ""));
    assert.ok([...places].every((name) => required.includes(name)), prompt.slug);
    for (const { name, form } of prompt.arguments) {
      if (form.kind === "text" && required.includes(name)) assert.ok(places.has(name), prompt.slug);
    }
  }
});
