import type { Service } from "./compose.ts";

/** Runs in hand get this long to finish once the service is told to stop. */
const STOP_SECONDS = 10;

/** What takes requests for a service. */
export interface Listener {
  /** Takes nothing new; resolves when all is answered. */
  shutdown(): Promise<void>;
}

/** What is stopped. */
export type Stopping = Pick<Service, "beginStop" | "jobsEnded" | "endRuns">;

/** Nothing new taken, runs in hand finished or ended at the limit. */
export async function finish(listeners: readonly Listener[], service: Stopping): Promise<void> {
  const answered = listeners.map((listener) => listener.shutdown());
  service.beginStop();
  const finished = Promise.all([...answered, service.jobsEnded()]);
  const limit = Promise.withResolvers<void>();
  const timer = setTimeout(limit.resolve, STOP_SECONDS * 1000);
  await Promise.race([finished, limit.promise]);
  clearTimeout(timer);
  await service.endRuns();
}
