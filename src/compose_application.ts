import { sleep } from "../adapters/system/sleep.ts";
import { turn } from "../adapters/system/turn.ts";
import type { Application } from "../application/application.ts";
import type { Audit } from "../application/audit_trail.ts";
import { type CacheRegistry, clearCaches, getCaches } from "../application/cache_registry.ts";
import { changeCircuitBreaker, listCircuitBreakers } from "../application/circuit_breakers.ts";
import { executeCode, type ExecuteCodeParts } from "../application/execute_code.ts";
import { generateCode } from "../application/generate_code.ts";
import { graphUseCases } from "../application/graph_use_cases.ts";
import { type JobParts, jobUseCases } from "../application/job_use_cases.ts";
import { promptUseCases } from "../application/prompts.ts";
import { revokeToken } from "../application/revoke_token.ts";
import { runTests, type RunTestsParts } from "../application/run_tests.ts";
import { searchAudit } from "../application/search_audit.ts";
import {
  type Backends,
  checkReadiness,
  serviceStatus,
  type StatusParts,
} from "../application/service_status.ts";
import { changeUserRoles, getUserRoles } from "../application/user_roles.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { Tools } from "./compose_tools.ts";
import type { GraphReader } from "../domain/ports/graph_reader.ts";
import type { GraphWriter } from "../domain/ports/graph_writer.ts";
import type { BreakerRegistry } from "../domain/resilience/breaker_registry.ts";
import type { Stores } from "./compose_stores.ts";
import type { Config } from "./config.ts";

/** What status is read from, but for what the settings say themselves. */
export type ChosenParts = Omit<StatusParts, "backends">;

/** What stands behind the use cases, with all that protects it round it. */
export interface UseCaseParts extends Omit<Stores, "kept" | "isWaiting" | "ping" | "lints"> {
  readonly kept: Pick<Stores["kept"], "log">;
  readonly execution: ExecuteCodeParts & Omit<RunTestsParts, "testRecords">;
  readonly queue: JobParts["queue"];
  readonly sha256: JobParts["sha256"];
  readonly graph: { readonly reader: GraphReader; readonly writer: GraphWriter };
  readonly tools: Tools;
  readonly breakers: BreakerRegistry;
  readonly cacheRegistry: CacheRegistry;
  readonly status: ChosenParts;
  readonly audit: Audit;
  readonly clock: Clock;
}

/** All that an inbound adapter may call. */
export function useCases(config: Config, parts: UseCaseParts): Application {
  const { sanitizeHtml: html, jobs: { quota } } = config;
  const { audit, breakers, cacheRegistry, clock, graph, roles } = parts;
  const status = { ...parts.status, backends: backendsOf(config) };
  const graphCases = graphUseCases({ ...graph, audit, clock, html, turn });
  return {
    executeCode: (...asked) => executeCode(parts.execution, ...asked),
    runTests: (...asked) => runTests({ ...parts.execution, ...parts }, ...asked),
    lintCode: parts.tools.lintCode,
    ...jobUseCases({ ...parts.execution, ...parts, quota, sleep }),
    generateCode: (...asked) =>
      generateCode({ ...parts.execution, ...parts.tools, audit }, ...asked),
    getUserRoles: (user, context) => getUserRoles({ roles, audit }, user, context),
    changeUserRoles: (...asked) => changeUserRoles({ roles, audit }, ...asked),
    revokeToken: (...asked) => revokeToken(parts, ...asked),
    getCaches: (context) => getCaches(cacheRegistry, context),
    clearCaches: (context) => clearCaches({ cacheRegistry, audit }, context),
    searchAudit: (...asked) => searchAudit({ log: parts.kept.log, audit }, ...asked),
    listCircuitBreakers: (context) => listCircuitBreakers(breakers, context),
    changeCircuitBreaker: (...asked) => changeCircuitBreaker({ breakers, audit }, ...asked),
    ...graphCases,
    ...promptUseCases(graphCases),
    status: () => serviceStatus(status),
    readiness: () => checkReadiness(status),
  };
}

/** What is kept where, as an operator sees it. */
export function backendsOf({ graph, records, cache }: Config): Backends {
  return { graph: graph.backend, records: records.backend, cache: cache.backend };
}
