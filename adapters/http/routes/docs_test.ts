import assert from "node:assert/strict";
import { HttpSurface } from "../../../tests/fakes/http_surface.ts";

const LOCAL = /(?:src|href)="(?!data:)([^"]+)"/g;

Deno.test("GET /docs is a page whose every part this service serves [S36]", async () => {
  await using surface = new HttpSurface();
  const page = await surface.send("/docs");
  assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
  const parts = Array.from(page.text.matchAll(LOCAL), ([, path = ""]) => path);
  assert.deepEqual(parts, ["docs/swagger-ui.css", "docs/swagger-ui-bundle.js", "docs/start.js"]);
  const served = await Promise.all(parts.map((path) => surface.send(`/${path}`)));
  assert.deepEqual(
    served.map(({ status, headers }) => [status, headers.get("content-type")?.split(";")[0]]),
    [[200, "text/css"], [200, "text/javascript"], [200, "text/javascript"]],
  );
  assert.ok(served.every(({ headers }) => headers.get("x-content-type-options") === "nosniff"));
  assert.match(served[1]?.text ?? "", /SwaggerUIBundle/);
  assert.match(served[2]?.text ?? "", /url: "openapi\.json"/);
});

Deno.test("GET /docs lets no other host and nothing inline run [S31, S36]", async () => {
  await using surface = new HttpSurface();
  const { headers, text } = await surface.send("/docs");
  const policy = headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self';/);
  assert.doesNotMatch(policy, /unsafe|\*|https?:/);
  assert.doesNotMatch(text, /https?:|<script>|<style|\son\w+=|style=/);
});

Deno.test("GET /docs/{asset} has no other files [S36]", async () => {
  await using surface = new HttpSurface();
  for (const name of ["index.html", "package.json", "__proto__", "swagger-ui.js"]) {
    assert.equal((await surface.send(`/docs/${name}`)).status, 404, name);
  }
  assert.equal((await surface.send("/docs/..%2Fdocs.ts")).status, 400);
});
