import type { ChainReport } from "../domain/audit/chain_report.ts";

/** A verification for a person, line by line. */
export function describeChain(report: ChainReport): string[] {
  const { instance, count, first, head, checkpoint, kept, waiting, faults, faultCount } = report;
  const lines = [
    `instance ${instance}`,
    count === 0 ? "no events" : `${count} events, ${first} to ${head.sequence}`,
    ...(checkpoint === null
      ? []
      : [`retention has taken all up to ${checkpoint.sequence}:${checkpoint.hash}`]),
    `head ${head.sequence}:${head.hash}`,
    ...kept.map(({ sequence, hash }) => `held against ${sequence}:${hash}`),
    ...faults.map(({ sequence, what }) => sequence === null ? what : `event ${sequence}: ${what}`),
  ];
  if (faultCount > faults.length) lines.push(`and ${faultCount - faults.length} faults more`);
  if (waiting > 0) lines.push(`${waiting} events wait for the database, in no chain yet`);
  return [...lines, faultCount === 0 ? "OK" : `NOT OK: ${faultCount} faults`];
}
