import type { AttackReport, AttackResult } from "../application/attack_sandbox.ts";

/** What is printed of a self-test, and whether everything that was tried was held. */
export interface SelfTestText {
  readonly lines: readonly string[];
  /** `false` also when nothing was tried. */
  readonly held: boolean;
}

type Row = readonly [layer: string, attack: string, standing: string];

/** The table of a self-test: layer, attack, held or not; then the counts and the layers. */
export function describeSelfTest({ results, layers, missing }: AttackReport): SelfTestText {
  const rows = results.map(rowOf).sort((left, right) => compare(left[0], right[0]));
  const skipped = results.filter(({ standing }) => standing === "skipped").length;
  const held = results.filter(({ standing }) => standing === "held").length;
  const tried = results.length - skipped;
  const counts = [`${tried} attacks: ${held} held`];
  if (held < tried) counts.push(`${tried - held} NOT HELD`);
  if (skipped > 0) counts.push(`${skipped} more skipped`);
  return {
    lines: [
      ...table([["layer", "attack", "result"], ...rows]),
      "",
      counts.join(", "),
      `layers in force: ${layers.join(", ") || "none"}`,
      `not on this host: ${missing.join(", ") || "nothing"}`,
    ],
    held: tried > 0 && held === tried,
  };
}

function rowOf(result: AttackResult): Row {
  const { layer, name } = result.attack;
  switch (result.standing) {
    case "held":
      return [layer, name, "held"];
    case "not held":
      return [layer, name, `NOT HELD: ${oneLine(result.got)}`];
    case "skipped":
      return [layer, name, `skipped: ${oneLine(result.reason)}`];
  }
}

/** What a program printed may hold anything; a terminal must not obey it. */
function oneLine(text: string): string {
  return text.replaceAll(/\p{C}+/gu, " ").slice(0, 160);
}

function table(rows: readonly Row[]): string[] {
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length));
  const widths = [width(0), width(1)] as const;
  return rows.map(([layer, attack, standing]) =>
    `${layer.padEnd(widths[0])}  ${attack.padEnd(widths[1])}  ${standing}`.trimEnd()
  );
}

function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
