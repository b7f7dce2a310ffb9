import { ok, strictEqual } from "node:assert/strict";
import { Renderer } from "../../adapters/templates/renderer.ts";
import { isFailure } from "../../domain/errors.ts";
import { TEMPLATE_ATTACKS, type TemplateAttack } from "./attacks.ts";

const NEVER = new AbortController().signal;

/** The text that an attack is answered with; `null` where it is refused. */
async function answerTo(
  renderer: Renderer,
  { template, context = {} }: TemplateAttack,
): Promise<string | null> {
  try {
    return await renderer.render({ template, context }, "mallory", NEVER);
  } catch (error) {
    if (isFailure(error, "template_invalid")) return null;
    throw error;
  }
}

Deno.test("generate_code: no attack succeeds, and whoever asks next is answered [S20]", async (t) => {
  await using renderer = new Renderer({ deno: "deno" });
  ok(TEMPLATE_ATTACKS.length >= 40);
  for (const attack of TEMPLATE_ATTACKS) {
    await t.step(attack.name, async () => {
      strictEqual(await answerTo(renderer, attack), attack.harmless);
      const after = { template: "{{ a }}", context: { a: attack.name } };
      strictEqual(await renderer.render(after, "mallory", NEVER), attack.name);
    });
  }
});

Deno.test("generate_code: others are answered while one caller's templates use their time up [S20]", async () => {
  await using renderer = new Renderer({ deno: "deno", queue: 8 });
  const [endless] = TEMPLATE_ATTACKS.filter(({ name }) => name === "sorting without an end");
  ok(endless);
  let ended = 0;
  const attacks = Array.from({ length: 2 }, async () => {
    strictEqual(await answerTo(renderer, endless), null);
    ended += 1;
  });
  for (let at = 0; at < 20; at += 1) {
    const request = { template: "{{ a }}", context: { a: at } };
    strictEqual(await renderer.render(request, "ada", NEVER), String(at));
  }
  strictEqual(ended, 0);
  strictEqual(renderer.state.running, 1);
  await Promise.all(attacks);
});

Deno.test("generate_code: what waits is bounded, and a caller's part of it too [S20]", async () => {
  await using renderer = new Renderer({ deno: "deno", workers: 1, queue: 4 });
  const leave = new AbortController();
  const request = { template: "{% for i in range(99999) %}{{ i }}{% endfor %}", context: {} };
  const refusals: unknown[] = [];
  const asked = Array.from(
    { length: 5 },
    () => renderer.render(request, "mallory", leave.signal).catch((error) => refusals.push(error)),
  );
  await Promise.resolve();
  const full = await renderer.render(request, "mallory", leave.signal).catch((error) => error);
  ok(isFailure(full, "too_many_executions"), String(full));
  leave.abort();
  await Promise.all(asked);
  ok(
    refusals.every((error) =>
      isFailure(error, "cancelled") || isFailure(error, "too_many_executions")
    ),
  );
  strictEqual(await renderer.render({ template: "a", context: {} }, "ada", NEVER), "a");
});
