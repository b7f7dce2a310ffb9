import { type Attack, parseAttack } from "../../domain/isolation/attack.ts";

/** Where the attack programs lie. Needs `--allow-read` on this folder. */
export const ATTACK_FOLDER: string = new URL(
  "../../tests/security/programs/",
  import.meta.url,
).pathname;

/**
 * Every attack program, sorted by name: `AREA/NAME.{py,js,sh}` below {@link ATTACK_FOLDER}.
 *
 * @throws {Error} when a file's header is wrong.
 */
export async function readAttacks(): Promise<Attack[]> {
  const attacks: Attack[] = [];
  for await (const area of Deno.readDir(ATTACK_FOLDER)) {
    for await (const { name } of Deno.readDir(`${ATTACK_FOLDER}${area.name}`)) {
      const code = await Deno.readTextFile(`${ATTACK_FOLDER}${area.name}/${name}`);
      attacks.push(parseAttack(`${area.name}/${name}`, code));
    }
  }
  return attacks.sort((left, right) => left.name < right.name ? -1 : 1);
}
