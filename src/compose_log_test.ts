import { strictEqual } from "node:assert/strict";
import { temporaryFolder } from "../tests/fixtures/service.ts";
import { FACTS } from "../tests/fixtures/configuration.ts";
import { cleaner } from "./compose_log.ts";
import { withSecret } from "./compose_tokens.ts";
import { parseConfig } from "./config.ts";

Deno.test("cleaner() cuts the secret that development makes, and a header's secret without its scheme [S39]", async () => {
  await using folder = await temporaryFolder();
  const config = await withSecret(parseConfig({
    DATA_DIR: folder.path,
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318",
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Basic YWRhOmh1bnRlci0yMg==",
  }, FACTS));
  const clean = cleaner(config);
  const secret = await Deno.readTextFile(`${folder.path}/jwt_secret`);
  strictEqual(config.jwt.secret, secret);
  strictEqual(clean(`it has ${secret}`), "it has [redacted]");
  strictEqual(clean("it has YWRhOmh1bnRlci0yMg=="), "it has [redacted]");
});

Deno.test("withSecret() leaves what is in its way to be told by what needs it [S39]", async () => {
  const config = parseConfig({ DATA_DIR: "/proc/nowhere" }, FACTS);
  strictEqual((await withSecret(config)).jwt.secret, null);
});
