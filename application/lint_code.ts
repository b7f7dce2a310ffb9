import { cacheKey, type Sha256 } from "../domain/caching/key.ts";
import { requirePermission } from "../domain/identity/principal.ts";
import type { LintRecord } from "../domain/lint/record.ts";
import type { LintLanguage } from "../domain/lint/report.ts";
import type { Cache } from "../domain/ports/cache.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { LintRecords } from "../domain/ports/lint_records.ts";
import type { Linter } from "../domain/ports/linter.ts";
import { actorOf, type Audit } from "./audit_trail.ts";
import { cached, type LoadCounts } from "./decorators/cached.ts";
import type { RequestContext } from "./request_context.ts";

/** A text to be linted, already checked for its size. */
export interface LintCode {
  readonly language: LintLanguage;
  readonly code: string;
}

/** The report that a caller is given. */
export interface LintAnswer extends LintRecord {
  /** Whether it is of another request for the same text: an earlier one, or one under way. */
  readonly cached: boolean;
}

/** What {@link codeLinter} works with. */
export interface LintCodeParts {
  readonly linter: Pick<Linter, "lint" | "toolchain">;
  readonly lints: Pick<LintRecords, "save">;
  readonly cache: Cache<LintRecord>;
  readonly counts: LoadCounts;
  readonly ttlSeconds: number;
  readonly audit: Audit;
  readonly sha256: Sha256;
  readonly clock: Clock;
  /** A new id that sorts by time of making. */
  readonly newId: () => string;
}

/** The use case; see {@link codeLinter}. */
export type LintCodeCase = (command: LintCode, context: RequestContext) => Promise<LintAnswer>;

interface Asked extends LintCode {
  readonly codeHash: string;
  readonly context: RequestContext;
}

/**
 * Makes the use case that lints a text: its report is kept, and the audit told of it, before it is
 * answered. A text that the same caller has had linted is answered with the report of then, and whoever
 * asks while it is being linted waits for that one; where a linter was missing it is looked for anew.
 *
 * The use case throws {DomainError} `forbidden`, `code_too_complex`, `too_many_executions`,
 * `dependency_unavailable`, `cancelled`, `shutting_down`.
 */
export function codeLinter(parts: LintCodeParts): LintCodeCase {
  const { cache, counts, sha256, ttlSeconds } = parts;
  const keyOf = ({ language, codeHash, context: { principal } }: Asked) => {
    const toolchain = parts.linter.toolchain(language);
    return cacheKey(
      { what: "lint", caller: principal.subject, language, codeHash, toolchain },
      sha256,
    );
  };
  const find = cached((asked: Asked, signal) => lintAndKeep(parts, asked, signal), {
    cache,
    counts,
    keyOf,
    ttlSecondsOf: ({ linter }) => linter === "none" ? null : ttlSeconds,
  });
  return async ({ language, code }, context) => {
    requirePermission(context.principal, "tools:lint");
    const asked = { language, code, codeHash: sha256(code), context };
    const { value: record, cached } = await find(asked, context.signal);
    if (!cached) return { ...record, cached };
    // What is remembered may stand where others can write: nobody is shown another's report.
    if (record.owner !== context.principal.subject || record.codeHash !== asked.codeHash) {
      return { ...await lintAndKeep(parts, asked, context.signal), cached: false };
    }
    const details = { resource: "lint", owner: record.owner, id: record.id } as const;
    await parts.audit.record({ type: "data_accessed", details }, actorOf(context));
    return { ...record, cached };
  };
}

async function lintAndKeep(
  { linter, lints, audit, clock, newId }: LintCodeParts,
  { language, code, codeHash, context }: Asked,
  signal: AbortSignal,
): Promise<LintRecord> {
  const { principal: { subject: owner }, correlationId, traceId } = context;
  const report = await linter.lint({ language, code, caller: owner }, signal);
  const createdAt = new Date(clock.now()).toISOString();
  const record = {
    ...report,
    ...{ id: newId(), owner, correlationId, language, codeHash, createdAt },
    ...(traceId && { traceId }),
  };
  const details = { lint_id: record.id, language, code_sha256: codeHash };
  // Begun together, they share a transaction.
  const kept = await Promise.allSettled([
    audit.record({ type: "code_linted", details }, actorOf(context)),
    lints.save(record),
  ]);
  for (const one of kept) if (one.status === "rejected") throw one.reason;
  return record;
}
