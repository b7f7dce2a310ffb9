import { loadavg } from "node:os";
import { startService, UNLIMITED } from "../fixtures/service.ts";
import { LeanConnection, requestBytes } from "./lean_connection.ts";
import { median, quantile } from "./statistics.ts";

const ANSWERS = 200;
const WARM = 20;

/** A text of some forty lines, such as agents write; the number makes another text of it. */
const TEXTS = {
  python: (at: number) =>
    `"""Number ${at}."""\n\nimport json\nimport os\n\n` +
    Array.from({ length: 8 }, (_, n) => `def f${n}(x):\n    if x == None:\n        return ${n}\n`)
      .join("\n\n"),
  javascript: (at: number) =>
    `// ${at}\n` +
    Array.from({ length: 8 }, (_, n) =>
      `export function f${n}(x) {\n  var y = ${n};\n  return x;\n}`)
      .join("\n\n"),
  bash: (at: number) =>
    `#!/usr/bin/env bash\n# ${at}\n` +
    Array.from({ length: 8 }, (_, n) => `f${n}() {\n  echo $1\n}`).join("\n"),
} as const;

/**
 * What an answer of lint_code takes through the whole service, one after another on one connection: of a
 * text that is linted, beside one that is in the cache.
 */
export async function benchLint(write: (line: string) => Promise<void>): Promise<void> {
  await using service = await startService({ ...UNLIMITED, LOG_LEVEL: "error" });
  using connection = await LeanConnection.to(new URL(service.url));
  const url = new URL("/api/v1/lint_code", service.url);
  for (const language of ["python", "javascript", "bash"] as const) {
    const timed = async (at: number, cached: boolean) => {
      const body = JSON.stringify({ language, code: TEXTS[language](at) });
      const began = performance.now();
      const answer = await connection.exchange(requestBytes(url, service.token, body));
      const took = performance.now() - began;
      const isCached = answer.body.includes('"cached":true');
      if (answer.status !== 200 || isCached !== cached) throw new Error(answer.body);
      return took;
    };
    for (let at = 0; at < WARM; at += 1) await timed(-1 - at, false);
    const [linted, served]: [number[], number[]] = [[], []];
    for (let at = 0; at < ANSWERS; at += 1) {
      linted.push(await timed(at, false));
      served.push(await timed(at, true));
    }
    const told = (times: readonly number[]) =>
      `p50 ${median(times).toFixed(2)} ms  p99 ${quantile(times, 0.99).toFixed(2)} ms`;
    const ratio = (median(linted) / median(served)).toFixed(1);
    await write(
      `lint  ${language.padEnd(10)}  linted ${told(linted)}  cached ${told(served)}  ` +
        `${ratio} times  load average ${loadavg()[0]?.toFixed(1)}`,
    );
  }
}
