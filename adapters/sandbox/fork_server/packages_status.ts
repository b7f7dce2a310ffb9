import type { PackagesStatus } from "../../../domain/ports/execution_runner.ts";
import type { StartReport } from "./server.ts";

/** What a server has imported ahead, and what it should have; nothing before the first start. */
export function packagesOf(report: StartReport | null): PackagesStatus {
  const absent = Object.entries(report?.not_preloaded ?? {});
  const remedy =
    "Install it again (deno task packages add NAME), or leave it out of PYTHON_PRELOAD.";
  return {
    preloaded: report?.preloaded ?? [],
    notPreloaded: Object.fromEntries(absent.map(([name, reason]) => [name, { reason, remedy }])),
  };
}
