import type { BreakerMetrics } from "../domain/resilience/breaker_policy.ts";
import type { ChangeCircuitBreaker } from "./circuit_breakers.ts";
import type { CacheReport } from "../domain/ports/cache.ts";
import type { ExecutionAnswer } from "./earlier_runs.ts";
import type { ExecuteCode } from "./execute_code.ts";
import type { ExecutionWatcher } from "./execution_watcher.ts";
import type { AuditPage } from "../domain/ports/audit_log.ts";
import type { SearchAudit } from "./search_audit.ts";
import type { RequestContext } from "./request_context.ts";
import type { GenerateCode, GeneratedCode } from "./generate_code.ts";
import type { RevokeToken } from "./revoke_token.ts";
import type { RunTests, TestWatcher } from "./run_tests.ts";
import type { TestRecord } from "../domain/testing/record.ts";
import type { LintAnswer, LintCode } from "./lint_code.ts";
import type { GraphUseCases } from "./graph_use_cases.ts";
import type { JobUseCases } from "./job_use_cases.ts";
import type { PromptUseCases } from "./prompts.ts";
import type { Readiness, ServiceStatus } from "./service_status.ts";
import type { ChangeUserRoles, UserRoles } from "./user_roles.ts";

/** All that an inbound adapter may call. Each rejects with a `DomainError` and nothing else. */
export interface Application extends GraphUseCases, JobUseCases, PromptUseCases {
  /** Rejects with `cancelled` when the caller leaves; a record is kept then too, if the run had begun. */
  executeCode(
    command: ExecuteCode,
    context: RequestContext,
    watcher?: ExecutionWatcher,
  ): Promise<ExecutionAnswer>;
  generateCode(command: GenerateCode, context: RequestContext): Promise<GeneratedCode>;
  /** Rejects with `cancelled` when the caller leaves. */
  runTests(
    command: RunTests,
    context: RequestContext,
    watcher?: TestWatcher,
  ): Promise<TestRecord>;
  /** Resolves once the report is kept. */
  lintCode(command: LintCode, context: RequestContext): Promise<LintAnswer>;
  getUserRoles(user: string, context: RequestContext): Promise<UserRoles>;
  changeUserRoles(command: ChangeUserRoles, context: RequestContext): Promise<UserRoles>;
  /** Resolves when the revocation is kept; it then holds at once, on this instance. */
  revokeToken(command: RevokeToken, context: RequestContext): Promise<void>;
  searchAudit(query: SearchAudit, context: RequestContext): Promise<AuditPage>;
  listCircuitBreakers(context: RequestContext): Promise<readonly BreakerMetrics[]>;
  /** Resolves to the breaker as it then stands, once the audit has been told. */
  changeCircuitBreaker(
    command: ChangeCircuitBreaker,
    context: RequestContext,
  ): Promise<BreakerMetrics>;
  getCaches(context: RequestContext): Promise<readonly CacheReport[]>;
  /** How many entries went. */
  clearCaches(context: RequestContext): Promise<number>;
  status(): ServiceStatus;
  readiness(): Promise<Readiness>;
}
