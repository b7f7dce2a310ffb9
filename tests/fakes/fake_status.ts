import type { ServiceStatus } from "../../application/service_status.ts";

/** The status of a service that runs, with these breakers and caches. */
export function fakeStatus(
  { breakers, caches }: Pick<ServiceStatus, "breakers" | "caches">,
): ServiceStatus {
  return {
    version: "1.2.3",
    uptimeSeconds: 12.5,
    backends: { graph: "embedded", records: "sqlite", cache: "memory" },
    totals: { requests: 9, failedRequests: 1, executions: 5, failedExecutions: 2 },
    executions: { running: 1, waiting: 2 },
    caches,
    sandbox: {
      runner: "fake",
      ready: true,
      refusal: null,
      layers: ["pid-ns"],
      missing: ["cgroup-memory"],
      unavailableLanguages: { bash: { reason: "no bash was found", remedy: "Install bash" } },
      packages: {
        preloaded: ["numpy"],
        notPreloaded: { pandas: { reason: "no numpy", remedy: "Install numpy" } },
      },
      toolchain: "fake 1",
    },
    breakers,
    system: {
      cpuPercent: 12.5,
      memoryUsedBytes: 1000,
      memoryPercent: 50,
      diskPercent: 75,
      loadAverage: [1, 0.5, 0.25],
    },
    healthHistory: [{
      ...{ time: "2026-01-01T00:00:00.000Z", dependency: "graph", from: "ready", to: "degraded" },
      detail: "no answer",
    }],
  };
}
