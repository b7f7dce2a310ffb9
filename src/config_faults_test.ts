import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { faultsOf, parse, STRONG } from "../tests/fixtures/configuration.ts";
import { keySetAddress } from "./jwt_setting.ts";

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
    "JWT_SECRET or JWKS_URL or JWT_PUBLIC_KEY_FILE must be set while ENVIRONMENT is " +
    "'production', found nothing",
  ]);
  strictEqual(faultsOf({ ...env, JWT_SECRET: "changeme" }).length, 1);
  strictEqual(parse({ ...env, JWT_SECRET: STRONG }).host, "0.0.0.0");
});

Deno.test("parseConfig() says every fault of a secret, and of all else, in one message [S28]", () => {
  const env = { ENVIRONMENT: "production", JWT_SECRET: "demo-password-123456789", PORT: "abc" };
  deepStrictEqual(faultsOf(env), [
    "PORT must be a whole number from 0 to 65535, found 'abc'",
    "JWT_SECRET must have at least 32 bytes of UTF-8, found 23 and must not contain the weak " +
    "words 'password', 'demo'",
  ]);
});

Deno.test("parseConfig() lets production take its keys from elsewhere instead [S27, S28]", () => {
  const env = { ENVIRONMENT: "production", HOST: "0.0.0.0" };
  const { jwt } = parse({ ...env, JWKS_URL: "https://id.example.org/keys" });
  deepStrictEqual([jwt.secret, jwt.publicKeyFile], [null, null]);
  strictEqual(parse({ ...env, JWT_PUBLIC_KEY_FILE: "/etc/key.pem" }).jwt.jwksUrl, null);
});

Deno.test("parseConfig() takes one source of keys, not several [S27]", () => {
  const sources = {
    JWT_SECRET: STRONG,
    JWKS_URL: "https://id.example.org/keys",
    JWT_PUBLIC_KEY_FILE: "/etc/key.pem",
  };
  deepStrictEqual(faultsOf(sources), [
    "JWT_SECRET and JWKS_URL and JWT_PUBLIC_KEY_FILE must not be set together: tokens have one " +
    "source",
  ]);
  for (const name of Object.keys(sources) as (keyof typeof sources)[]) {
    const { [name]: _, ...two } = sources;
    strictEqual(faultsOf(two).length, 1, name);
  }
});

Deno.test("parseConfig() refuses a HOST that is not loopback in development [S28]", () => {
  for (const HOST of ["0.0.0.0", "::", "10.0.0.1", "example.org", "128.0.0.1", "::ffff:10.0.0.1"]) {
    ok(faultsOf({ HOST, JWT_SECRET: STRONG }).join().includes("HOST must be a loopback"), HOST);
  }
  for (const HOST of ["127.0.0.1", "::1", "localhost", "LOCALHOST"]) parse({ HOST });
});

Deno.test("parseConfig() refuses a key set that could be read or changed on its way [S27]", () => {
  const bad = [
    "http://id.example.org/keys",
    "http://127.0.0.1.example.org/",
    "http://localhost.example.org/",
    "https://user:pw@id.example.org/",
    "https://user@id.example.org/",
    "https://id.example.org/#keys",
    "https://id.example.org/a,b",
    "file:///etc/passwd",
    "data:application/json,{}",
    "id.example.org",
    "//id.example.org",
    "https://",
    `https://id.example.org/${"x".repeat(256)}`,
  ];
  for (const JWKS_URL of bad) strictEqual(faultsOf({ JWKS_URL }).length, 1, JWKS_URL);
  for (const host of ["127.0.0.1:81", "[::1]:81", "localhost"]) {
    parse({ JWKS_URL: `http://${host}/keys?a=b` });
  }
});

Deno.test("keySetAddress() is what Deno's network permission takes [S27]", () => {
  strictEqual(keySetAddress("https://id.example.org/keys"), "id.example.org:443");
  strictEqual(keySetAddress("https://id.example.org:8443/"), "id.example.org:8443");
  strictEqual(keySetAddress("http://localhost/keys"), "localhost:80");
  strictEqual(keySetAddress("http://[::1]:81/keys"), "[::1]:81");
});

Deno.test("parseConfig() never tells a secret [S28, S35]", () => {
  const secrets = { JWT_SECRET: "password-kX7", METRICS_TOKEN: "hunter2 hunter2 hunter2" };
  const message = faultsOf({ ...secrets, PORT: "abc" }).join("\n");
  strictEqual(message.split("\n").length, 3);
  for (const secret of Object.values(secrets)) ok(!message.includes(secret));
  ok(!message.includes("kX7") && !message.includes("hunter2"));
});
