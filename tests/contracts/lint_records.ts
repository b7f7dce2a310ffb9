import assert from "node:assert/strict";
import { isFailure } from "../../domain/errors.ts";
import { isLintRecord, type LintRecord } from "../../domain/lint/record.ts";
import type { LintRecords } from "../../domain/ports/lint_records.ts";

/** A place where reports are kept, empty at first, and removed when it is closed. */
export interface LintRecordsPlace extends AsyncDisposable {
  /** Opens the reports kept in this place; called again only after the ones before are closed. */
  open(): LintRecords;
}

/** A report with every field filled in, and whatever a test wants to be different. */
export function sampleReport(changes: Partial<LintRecord> = {}): LintRecord {
  const place = { line: 3, column: 5 };
  return {
    id: crypto.randomUUID(),
    owner: "alice",
    correlationId: "correlation-1",
    language: "python",
    codeHash: "0".repeat(64),
    createdAt: "2026-01-01T00:00:00.000Z",
    linter: "ruff",
    remedy: null,
    truncated: false,
    complexity: 4,
    functions: [{ name: "A.read", ...place, endLine: 9, complexity: 3, async: true }],
    classes: [{ name: "A", line: 1, column: 1, endLine: 9, methods: ["read"] }],
    imports: [{ module: "os.path", names: ["join"], line: 1 }],
    findings: [
      { rule: "F401", severity: "warning", message: "unused", ...place, endLine: 3, endColumn: 9 },
    ],
    ...changes,
  };
}

interface ContractCase {
  readonly behaviour: string;
  check(records: LintRecords): Promise<void>;
}

const ODD = "a\0\ud800\r\n😀\u2028";

const CASES: readonly ContractCase[] = [
  {
    behaviour: "find() gives back every field as saved",
    async check(records) {
      const plain = sampleReport();
      const odd = sampleReport({
        owner: ODD,
        remedy: ODD,
        imports: [{ module: ODD, names: [ODD], line: 1 }],
        findings: Array.from({ length: 1000 }, (_, at) => {
          return { ...plain.findings[0]!, line: at, message: `${ODD}${"x".repeat(500)}` };
        }),
      });
      await Promise.all([records.save(plain), records.save(odd)]);
      for (const record of [plain, odd]) {
        const found = await records.find(record.id);
        assert.deepEqual(found, record);
        assert.ok(isLintRecord(found));
      }
    },
  },
  {
    behaviour: "an id that was never saved is found by nobody, however odd",
    async check(records) {
      await records.save(sampleReport());
      for (const id of ["", ODD, crypto.randomUUID()]) assert.equal(await records.find(id), null);
    },
  },
  {
    behaviour: "saving an id twice keeps the first",
    async check(records) {
      const first = sampleReport();
      await records.save(first);
      await records.save({ ...first, owner: "mallory" });
      assert.deepEqual(await records.find(first.id), first);
    },
  },
  {
    behaviour: "a closed store refuses",
    async check(records) {
      await records[Symbol.asyncDispose]();
      const unavailable = (error: unknown) => isFailure(error, "dependency_unavailable");
      await assert.rejects(records.save(sampleReport()), unavailable);
      await assert.rejects(records.find("any"), unavailable);
    },
  },
];

/** Checks that an implementation keeps the contract of `LintRecords`. */
export function lintRecordsContract(
  name: string,
  newPlace: () => Promise<LintRecordsPlace>,
  features: { readonly durable: boolean },
): void {
  for (const { behaviour, check } of CASES) {
    Deno.test(`${name}: ${behaviour} [S18]`, async () => {
      await using place = await newPlace();
      await using records = place.open();
      await check(records);
    });
  }
  Deno.test(`${name}: what was saved is ${features.durable ? "there" : "gone"} after closing [S18]`, async () => {
    await using place = await newPlace();
    const record = sampleReport();
    {
      await using records = place.open();
      await records.save(record);
    }
    await using records = place.open();
    assert.deepEqual(await records.find(record.id), features.durable ? record : null);
  });
}
