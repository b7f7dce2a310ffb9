import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { faultsOf, parse, STRONG } from "../tests/fixtures/configuration.ts";

Deno.test("parseConfig() names every wrong setting in one message", () => {
  throws(() => parse({ PORT: "abc", LOG_LEVEL: "loud", HOST: "10.0.0.1" }), {
    name: "ConfigError",
    message: "Cannot start: 3 settings are wrong: " +
      "PORT must be a whole number from 0 to 65535, found 'abc'; " +
      "LOG_LEVEL must be 'debug' or 'info' or 'warn' or 'error', found 'loud'; " +
      "HOST must be a loopback address while ENVIRONMENT is 'development', found '10.0.0.1'",
  });
  throws(() => parse({ PORT: "abc" }), /^ConfigError: Cannot start: 1 setting is wrong: PORT/);
});

Deno.test("parseConfig() refuses production without a strong secret [S28]", () => {
  const env = { ENVIRONMENT: "production", HOST: "0.0.0.0" };
  deepStrictEqual(faultsOf(env), [
    "JWT_SECRET must be set while ENVIRONMENT is 'production', found nothing",
  ]);
  strictEqual(faultsOf({ ...env, JWT_SECRET: "changeme" }).length, 1);
  strictEqual(parse({ ...env, JWT_SECRET: STRONG }).host, "0.0.0.0");
});

Deno.test("parseConfig() never tells a secret [S28, S35]", () => {
  const secrets = { JWT_SECRET: "password-kX7", METRICS_TOKEN: "hunter2 hunter2 hunter2" };
  const message = faultsOf({ ...secrets, PORT: "abc" }).join("\n");
  strictEqual(message.split("\n").length, 3);
  for (const secret of Object.values(secrets)) ok(!message.includes(secret));
  ok(!message.includes("kX7") && !message.includes("hunter2"));
});
