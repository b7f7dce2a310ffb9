import { MemoryLintRecords } from "../../adapters/memory/lint_records.ts";
import { sha256 } from "../../adapters/system/digest.ts";
import type { Audit } from "../../application/audit_trail.ts";
import { LoadCounts } from "../../application/decorators/cached.ts";
import { codeLinter, type LintCodeCase } from "../../application/lint_code.ts";
import type { LintRecord } from "../../domain/lint/record.ts";
import type { LintReport } from "../../domain/lint/report.ts";
import type { Linter, LintRequest } from "../../domain/ports/linter.ts";
import { ManualClock } from "./manual_clock.ts";
import { MapCache } from "./map_cache.ts";

const CLEAN: LintReport = {
  functions: [],
  classes: [],
  imports: [],
  complexity: 1,
  linter: "ruff",
  remedy: null,
  findings: [],
  truncated: false,
};

/** What linting a text gives. */
export type FakeReport = (
  request: LintRequest,
  signal: AbortSignal,
) => Promise<Partial<LintReport>> | Partial<LintReport>;

/** The use case over maps: reports by their text; a text that is not in `reports` is clean. */
export class FakeLinting {
  readonly reports = new Map<string, FakeReport>();
  readonly records = new MemoryLintRecords();
  readonly cache = new MapCache<LintRecord>(new ManualClock());
  readonly counts = new LoadCounts();
  /** What the linter was asked, in order. */
  readonly asked: LintRequest[] = [];
  toolchain = "fake 1";
  readonly lintCode: LintCodeCase;

  constructor(audit: Audit) {
    const linter: Pick<Linter, "lint" | "toolchain"> = {
      lint: async (request, signal) => {
        this.asked.push(request);
        return { ...CLEAN, ...await this.reports.get(request.code)?.(request, signal) };
      },
      toolchain: () => this.toolchain,
    };
    this.lintCode = codeLinter({
      ...{ linter, lints: this.records, cache: this.cache, counts: this.counts, ttlSeconds: 60 },
      ...{ audit, sha256, clock: new ManualClock(), newId: () => crypto.randomUUID() },
    });
  }
}
