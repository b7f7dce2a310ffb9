import {
  itemsOf,
  type Migration,
  type Schema,
  type SchemaItem,
} from "../../../domain/graph/schema.ts";
import { unavailable } from "../faults.ts";
import type { Link } from "../link.ts";
import { createItems, ensureMade, isAmong, type ItemOutcome, listItems } from "./items.ts";
import {
  LEASE_ITEM,
  type LeaseOptions,
  releaseLease,
  renewLease,
  sweepLease,
  takeLease,
} from "./lease.ts";

/** Steps are recorded in the schema itself: in the graph's database nothing may lie that a query finds. */
const RECORD_LABEL = "_umcp_Migration";
const ASK_AGAIN_MS = 200;

/** How one who migrates stands among others. */
export interface MigrateOptions {
  /** Another each time: who holds the lease is told by it. */
  readonly owner: string;
  /** How long a dead holder keeps others waiting. Default: 15 s. */
  readonly leaseMs?: number;
  /** Told of each step before it is begun. */
  readonly onStep?: (step: string) => void | Promise<void>;
}

/** What one step did, or would do. */
export interface StepReport {
  readonly name: string;
  /** `recorded`: it was done before, and all it adds is there. */
  readonly standing: "recorded" | "done" | "pending";
  readonly items: readonly ItemOutcome[];
}

/** What stands and what is to do; changes nothing. */
export async function planMigrations(link: Link, schema: Schema): Promise<StepReport[]> {
  const there = await listItems(link);
  return schema.migrations.map((step) => reportOf(schema, step, there));
}

/**
 * Brings a database to a schema, step by step, each recorded once all that it adds is seen to be there.
 * One instance does it at a time; another that comes meanwhile waits, and finds the work done. Who dies
 * at it is waited for no longer than its lease, and the next goes on with the step that was not recorded.
 *
 * @throws {DomainError} `dependency_unavailable` when the database is away, or does not make something.
 */
export async function migrate(
  link: Link,
  schema: Schema,
  options: MigrateOptions,
): Promise<StepReport[]> {
  const before = await planMigrations(link, schema);
  if (isComplete(before)) {
    await sweepLease(link);
    return before;
  }
  ensureMade(await createItems(link, [LEASE_ITEM]));
  const lease = { owner: options.owner, milliseconds: options.leaseMs ?? 15_000 };
  while (!await takeLease(link, lease)) {
    const now = await planMigrations(link, schema);
    if (isComplete(now)) return now;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
  try {
    return await carryOut(link, schema, { ...options, lease });
  } finally {
    await releaseLease(link, lease).catch(() => {});
  }
}

async function carryOut(
  link: Link,
  schema: Schema,
  { lease, onStep }: MigrateOptions & { readonly lease: LeaseOptions },
): Promise<StepReport[]> {
  const reports: StepReport[] = [];
  for (const step of schema.migrations) {
    const report = reportOf(schema, step, await listItems(link));
    if (report.standing === "recorded") {
      reports.push(report);
      continue;
    }
    await onStep?.(step.name);
    // A long change outlasts the lease: it is renewed meanwhile, and every change is safe to be done twice.
    const renewing = setInterval(
      () => void renewLease(link, lease).catch(() => {}),
      lease.milliseconds / 3,
    );
    try {
      const items = await createItems(link, step.adds);
      ensureMade(items);
      if (!await renewLease(link, lease)) throw unavailable("another instance migrates it");
      ensureMade(await createItems(link, [recordOf(schema, step)]));
      reports.push({ name: step.name, standing: "done", items });
    } finally {
      clearInterval(renewing);
    }
  }
  return reports;
}

function reportOf(schema: Schema, step: Migration, there: readonly SchemaItem[]): StepReport {
  const items = step.adds.map((item): ItemOutcome => {
    const { name } = item;
    return isAmong(item, there)
      ? { name, outcome: "existing" }
      : { name, outcome: "failed", reason: "it is not there" };
  });
  const whole = items.every(({ outcome }) => outcome === "existing");
  const recorded = isAmong(recordOf(schema, step), there);
  return { name: step.name, standing: whole && recorded ? "recorded" : "pending", items };
}

function recordOf({ name }: Schema, step: Migration): SchemaItem {
  const record = `${name}_${step.name}`;
  return {
    name: `_umcp_migration_${record}`,
    kind: "index",
    label: RECORD_LABEL,
    properties: [record],
  };
}

/** Whether something of a database's schema is there for this program: its own, or what it records with. */
export function isOurs(item: SchemaItem, schema: Schema): boolean {
  const records = schema.migrations.map((step) => recordOf(schema, step));
  return isAmong(item, [...itemsOf(schema), ...records, LEASE_ITEM]);
}

function isComplete(reports: readonly StepReport[]): boolean {
  return reports.every(({ standing }) => standing === "recorded");
}
