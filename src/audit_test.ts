import assert from "node:assert/strict";
import { parse, STRONG } from "../tests/fixtures/configuration.ts";
import { withoutSecrets } from "./audit.ts";

Deno.test("withoutSecrets() leaves out secrets, and what an issuer's address asks [S33]", () => {
  const secrets = { JWT_SECRET: STRONG, METRICS_TOKEN: STRONG };
  assert.ok(!JSON.stringify(withoutSecrets(parse(secrets))).includes(STRONG));
  const seen = JSON.stringify(
    withoutSecrets(parse({ JWKS_URL: `https://a.org/keys?k=${STRONG}` })),
  );
  assert.ok(!seen.includes(STRONG) && seen.includes("https://a.org/keys"), seen);
});
