import { MemoryRevokedTokens } from "../../adapters/memory/revoked_tokens.ts";
import type { Application } from "../../application/application.ts";
import {
  type ChangeCircuitBreaker,
  changeCircuitBreaker,
  listCircuitBreakers,
} from "../../application/circuit_breakers.ts";
import type { BreakerMetrics } from "../../domain/resilience/breaker_policy.ts";
import { BreakerRegistry } from "../../domain/resilience/breaker_registry.ts";
import type { ExecuteCode } from "../../application/execute_code.ts";
import { MemoryCache } from "../../adapters/memory/cache.ts";
import { CacheRegistry, clearCaches, getCaches } from "../../application/cache_registry.ts";
import type { CacheReport } from "../../domain/ports/cache.ts";
import { LoadCounts } from "../../application/decorators/cached.ts";
import {
  EarlierRuns,
  type ExecutionAnswer,
  type RememberedRun,
} from "../../application/earlier_runs.ts";
import { sha256 } from "../../adapters/system/digest.ts";
import { AuditTrail } from "../../application/audit_trail.ts";
import {
  type GenerateCode,
  generateCode,
  type GeneratedCode,
} from "../../application/generate_code.ts";
import { type SearchAudit, searchAudit } from "../../application/search_audit.ts";
import { MemoryAuditLog } from "../../adapters/memory/audit_log.ts";
import type { AuditPage } from "../../domain/ports/audit_log.ts";
import type { ExecutionWatcher } from "../../application/execution_watcher.ts";
import type { RequestContext } from "../../application/request_context.ts";
import { type RevokeToken, revokeToken } from "../../application/revoke_token.ts";
import type { Readiness, ServiceStatus } from "../../application/service_status.ts";
import { DomainError } from "../../domain/errors.ts";
import {
  type ChangeUserRoles,
  changeUserRoles,
  getUserRoles,
  type UserRoles,
} from "../../application/user_roles.ts";
import { MemoryRoleStore } from "../../adapters/memory/role_store.ts";
import { promptUseCases } from "../../application/prompts.ts";
import type { GraphShape, LabelShape } from "../../application/graph_schema.ts";
import { resolveFiles } from "../../domain/execution/file_paths.ts";
import { resolveLimits } from "../../domain/execution/limits.ts";
import type { ExecutionRecord } from "../../domain/execution/outcome.ts";
import { requirePermission } from "../../domain/identity/principal.ts";
import type { DeletionCounts } from "../../domain/graph/batch.ts";
import type { BatchDraft, DeletionDraft, QueryDraft } from "../../domain/graph/draft.ts";
import type { GraphMetrics } from "../../domain/graph/metrics.ts";
import type { HtmlPolicy } from "../../domain/input/text.ts";
import type { TemplateRenderer } from "../../domain/ports/template_renderer.ts";
import type { GraphReader } from "../../domain/ports/graph_reader.ts";
import type { GraphWriter } from "../../domain/ports/graph_writer.ts";
import type { GraphExport } from "../../application/export_graph.ts";
import { type GraphUseCases, graphUseCases } from "../../application/graph_use_cases.ts";
import type { GraphImport, ImportLine } from "../../application/import_graph.ts";
import type { FoundRows } from "../../application/query_graph.ts";
import type { UpsertedGraph } from "../../application/upsert_graph.ts";
import { fakeJobUseCases, fakeQueue } from "./fake_jobs.ts";
import { fakeRecord } from "./fake_record.ts";
import { fakeStatus } from "./fake_status.ts";
import { fakeTestUseCase } from "./fake_tests.ts";
import { FakeLinting } from "./fake_linting.ts";
import { FakeGraph } from "./graph.ts";
import { CEILINGS, FILE_CAPS } from "../fixtures/ceilings.ts";
import { ManualClock } from "./manual_clock.ts";

const CLOCK = new ManualClock();

/** What a program does in a {@link FakeApplication}. */
export type FakeProgram = (
  command: ExecuteCode,
  context: RequestContext,
  watcher?: ExecutionWatcher,
) => Promise<Partial<ExecutionRecord>> | Partial<ExecutionRecord>;

/**
 * The use cases over maps: programs by their source, records by their id. A program that is not in
 * `programs` writes its own source to standard output.
 */
export class FakeApplication implements Application {
  readonly graph = new FakeGraph();
  /** What the graph's use cases ask; a test may put another in its place. */
  graphReader: GraphReader = this.graph.reader;
  graphWriter: GraphWriter = this.graph.writer;
  html: HtmlPolicy = "keep";
  /** Leaves templates as they are; a test may put another in its place. */
  renderer: Pick<TemplateRenderer, "render"> = {
    render: ({ template }) => Promise.resolve(template),
  };
  readonly programs = new Map<string, FakeProgram>();
  readonly records = new Map<string, ExecutionRecord>();
  readonly roles = new MemoryRoleStore();
  readonly revokedTokens = new MemoryRevokedTokens(CLOCK);
  readonly breakers = new BreakerRegistry(CLOCK);
  readonly auditLog = new MemoryAuditLog();
  readonly audit = new AuditTrail({
    log: this.auditLog,
    clock: new ManualClock(),
    newId: () => `event-${this.auditLog.events.length + 1}`,
    telemetry: { record: () => {} },
    faults: { write: () => {} },
  });
  readonly cacheRegistry = new CacheRegistry();
  readonly #cache = {
    name: "executions",
    cache: new MemoryCache<RememberedRun>({
      maxSize: 10,
      monotonic: () => CLOCK.monotonic(),
      resolutionMilliseconds: 0,
    }),
    counts: new LoadCounts(),
  } as const;
  readonly #earlier = new EarlierRuns({
    ...this.#cache,
    ttlSeconds: 60,
    records: { find: (id) => Promise.resolve(this.records.get(id) ?? null) },
    audit: this.audit,
    sha256,
    policy: "off",
    toolchain: () => "fake 1",
    sleep: () => Promise.resolve(),
  });
  readonly #tests = fakeTestUseCase(this.audit);
  readonly testRecords = this.#tests.records;
  readonly runTests = this.#tests.runTests;
  readonly linting = new FakeLinting(this.audit);
  readonly lintCode = this.linting.lintCode;
  readonly jobs = fakeQueue();
  readonly #jobCases = fakeJobUseCases(this);
  readonly getExecution = this.#jobCases.getExecution;
  readonly queueExecution = this.#jobCases.queueExecution;
  readonly cancelExecution = this.#jobCases.cancelExecution;
  readonly watchExecution = this.#jobCases.watchExecution;
  readonly listExecutions = this.#jobCases.listExecutions;
  readonly listDeadExecutions = this.#jobCases.listDeadExecutions;
  readonly #promptCases = promptUseCases({
    graphMetrics: (context) => this.graphMetrics(context),
  });
  readonly listPrompts = this.#promptCases.listPrompts;
  readonly getPrompt = this.#promptCases.getPrompt;
  readonly completeArgument = this.#promptCases.completeArgument;
  readonly completeLabel = this.#promptCases.completeLabel;
  readinessNow: Readiness = {
    status: "ready",
    checks: {
      graph: { status: "ready", latencySeconds: 0.002 },
      records: { status: "ready", latencySeconds: 0.001 },
      cache: { status: "ready", latencySeconds: 0 },
      sandbox: { status: "ready", latencySeconds: 0 },
    },
  };
  #made = 0;

  constructor() {
    this.breakers.getOrCreate("graph_read");
    this.cacheRegistry.add(this.#cache);
  }

  async executeCode(
    command: ExecuteCode,
    context: RequestContext,
    watcher?: ExecutionWatcher,
  ): Promise<ExecutionAnswer> {
    requirePermission(context.principal, "tools:execute");
    const limits = resolveLimits(command.limits, CEILINGS);
    const { language, cache = false } = command;
    const files = resolveFiles(command, { language, limits, caps: FILE_CAPS });
    const request = { ...command, ...files, limits };
    const run = (...heard: [RequestContext, ExecutionWatcher | undefined]) =>
      this.#run(command, ...heard);
    if (cache) return await this.#earlier.answer({ request, context, watcher, run });
    return { ...await run(context, watcher), cached: false };
  }

  async #run(
    command: ExecuteCode,
    context: RequestContext,
    watcher: ExecutionWatcher | undefined,
  ): Promise<ExecutionRecord> {
    const program = this.programs.get(command.code) ?? (() => ({ stdout: command.code }));
    const before = fakeRecord(command, context, this.#made += 1);
    watcher?.started(before);
    const record = { ...before, ...await program(command, context, watcher) };
    this.records.set(record.id, record);
    return record;
  }

  generateCode(command: GenerateCode, context: RequestContext): Promise<GeneratedCode> {
    const { renderer, audit } = this;
    const newId = () => crypto.randomUUID();
    return generateCode({ renderer, audit, sha256, newId }, command, context);
  }

  searchAudit(query: SearchAudit, context: RequestContext): Promise<AuditPage> {
    return searchAudit({ log: this.auditLog, audit: this.audit }, query, context);
  }

  getCaches(context: RequestContext): Promise<readonly CacheReport[]> {
    return getCaches(this.cacheRegistry, context);
  }

  clearCaches(context: RequestContext): Promise<number> {
    return clearCaches(this, context);
  }

  upsertGraph(batch: BatchDraft, context: RequestContext): Promise<UpsertedGraph> {
    return this.#graphUseCases().upsertGraph(batch, context);
  }

  queryGraph(query: QueryDraft, context: RequestContext): Promise<FoundRows> {
    return this.#graphUseCases().queryGraph(query, context);
  }

  deleteFromGraph(deletion: DeletionDraft, context: RequestContext): Promise<DeletionCounts> {
    return this.#graphUseCases().deleteFromGraph(deletion, context);
  }

  graphMetrics(context: RequestContext): Promise<GraphMetrics> {
    return this.#graphUseCases().graphMetrics(context);
  }

  graphSchema(context: RequestContext): Promise<GraphShape> {
    return this.#graphUseCases().graphSchema(context);
  }

  describeLabel(label: string, context: RequestContext): Promise<LabelShape> {
    return this.#graphUseCases().describeLabel(label, context);
  }

  exportGraph(context: RequestContext): Promise<GraphExport> {
    return this.#graphUseCases().exportGraph(context);
  }

  importGraph(lines: AsyncIterable<ImportLine>, context: RequestContext): Promise<GraphImport> {
    return this.#graphUseCases().importGraph(lines, context);
  }

  getUserRoles(user: string, context: RequestContext): Promise<UserRoles> {
    return getUserRoles(this, user, context);
  }

  changeUserRoles(command: ChangeUserRoles, context: RequestContext): Promise<UserRoles> {
    return changeUserRoles(this, command, context);
  }

  revokeToken(command: RevokeToken, context: RequestContext): Promise<void> {
    const { revokedTokens, audit } = this;
    return revokeToken({ revokedTokens, clock: CLOCK, audit }, command, context);
  }

  listCircuitBreakers(context: RequestContext): Promise<readonly BreakerMetrics[]> {
    return listCircuitBreakers(this.breakers, context);
  }

  changeCircuitBreaker(
    command: ChangeCircuitBreaker,
    context: RequestContext,
  ): Promise<BreakerMetrics> {
    return changeCircuitBreaker(this, command, context);
  }

  status(): ServiceStatus {
    const { breakers, cacheRegistry } = this;
    return fakeStatus({ breakers: breakers.metrics(), caches: cacheRegistry.reports() });
  }

  readiness(): Promise<Readiness> {
    return Promise.resolve(this.readinessNow);
  }

  #graphUseCases(): GraphUseCases {
    return graphUseCases({
      reader: this.graphReader,
      writer: this.graphWriter,
      audit: this.audit,
      clock: CLOCK,
      html: this.html,
      turn: () => Promise.resolve(),
    });
  }
}

/** A program that runs until its caller leaves; `started` resolves when it has begun. */
export function endless(): { program: FakeProgram; started: Promise<void>; ended: Promise<void> } {
  const begun = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const program: FakeProgram = (_command, { signal }) => {
    const { promise, reject } = Promise.withResolvers<Partial<ExecutionRecord>>();
    signal.addEventListener("abort", () => {
      reject(new DomainError({ code: "cancelled" }));
      done.resolve();
    }, { once: true });
    begun.resolve();
    return promise;
  };
  return { program, started: begun.promise, ended: done.promise };
}
