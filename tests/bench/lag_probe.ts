/**
 * Loaded before the service (`deno run --preload`) to time its event loop from within. On SIGUSR2 it
 * writes a line, `lag {"late": ms, "busy": ms}`, and begins anew: the longest that the loop was late,
 * and the processor time that the process had meanwhile. A loop that was late and not busy waited
 * for a processor.
 */
import process from "node:process";

const PERIOD_MS = 1;

let worst = { late: 0, busy: 0 };
let before = look();

function look(): { readonly at: number; readonly cpu: number } {
  const { user, system } = process.cpuUsage();
  return { at: performance.now(), cpu: (user + system) / 1000 };
}

function tick(): void {
  const now = look();
  const late = now.at - before.at - PERIOD_MS;
  if (late > worst.late) worst = { late, busy: now.cpu - before.cpu };
  before = now;
}

Deno.unrefTimer(setInterval(tick, PERIOD_MS));
Deno.addSignalListener("SIGUSR2", () => {
  Deno.stderr.writeSync(new TextEncoder().encode(`lag ${JSON.stringify(worst)}\n`));
  worst = { late: 0, busy: 0 };
});
