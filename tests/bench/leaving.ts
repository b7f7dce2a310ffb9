import { loadavg } from "node:os";
import { type StartedService, startService, UNLIMITED } from "../fixtures/service.ts";
import { quantile } from "./statistics.ts";

type Write = (line: string) => Promise<void>;

const SIDE = new URL("leaving_side.py", import.meta.url).pathname;
const QUANTILES = [["median", 0.5], ["p99", 0.99], ["worst", 1]] as const;

/** Milliseconds of each closing, by the way in which requests are sent. */
async function close(
  service: StartedService,
  closings: number,
): Promise<Readonly<Record<string, readonly number[]>>> {
  const child = new Deno.Command("python3", {
    args: [SIDE, new URL(service.url).port, String(closings)],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const input = child.stdin.getWriter();
  await input.write(new TextEncoder().encode(service.token));
  await input.close();
  const { success, stdout } = await child.output();
  if (!success) throw new Error("Cannot close requests: their side has failed");
  return JSON.parse(new TextDecoder().decode(stdout));
}

/**
 * How long a program still runs whose caller has closed its request, by how that was sent; looking takes a
 * millisecond. The aim is 200 ms at worst on a quiet machine.
 */
export async function benchLeaving(write: Write, closings: number): Promise<void> {
  await using service = await startService(UNLIMITED);
  for (const [way, times] of Object.entries(await close(service, closings))) {
    const figures = QUANTILES.map(([name, share]) =>
      `${name} ${quantile(times, share).toFixed(0)} ms`
    );
    await write(
      `leaving  ${way.padEnd(28)}  ${figures.join("  ")}  of ${closings}, ` +
        `load average ${loadavg()[0]?.toFixed(1)}`,
    );
  }
}
