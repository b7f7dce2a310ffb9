/** Reads settings one by one, gathers every fault, and answers `null` for what is not set or wrong. */
export class SettingReader<Name extends string> {
  readonly #env: Readonly<Record<string, string | undefined>>;
  /** A sentence for each wrong setting. */
  readonly faults: string[] = [];

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env;
  }

  /** The text of a setting that `fits`. */
  text(name: Name, fits: (text: string) => boolean, expected: string): string | null {
    const text = this.#env[name];
    if (text === undefined || text === "") return null;
    if (fits(text)) return text;
    this.faults.push(`${name} must be ${expected}, found ${quoted(text)}`);
    return null;
  }

  /** A whole number within bounds. */
  whole(name: Name, from: number, to: number): number | null {
    const fits = (text: string) =>
      /^\d{1,15}$/.test(text) && Number(text) >= from && Number(text) <= to;
    const text = this.text(name, fits, `a whole number from ${from} to ${to}`);
    return text === null ? null : Number(text);
  }

  /** One of a few words. */
  choice<T extends string>(name: Name, choices: readonly T[]): T | null {
    const expected = choices.map((choice) => `'${choice}'`).join(" or ");
    const text = this.text(name, (text) => choices.some((choice) => choice === text), expected);
    return choices.find((choice) => choice === text) ?? null;
  }

  /** A secret; `faultsOf` tells what is wrong without telling the secret. */
  secret(name: Name, faultsOf: (secret: string) => readonly string[]): string | null {
    const secret = this.#env[name];
    if (secret === undefined || secret === "") return null;
    const faults = faultsOf(secret);
    if (faults.length > 0) this.faults.push(`${name} ${faults.join(" and ")}`);
    return faults.length > 0 ? null : secret;
  }
}

/** A text as a message shows it: cut, without control characters, and of URLs neither user nor query. */
export function quoted(text: string): string {
  const open = text.replace(/(:\/\/).*@/s, "$1…@").replace(/(:\/\/[^?]*\?).+/s, "$1…");
  const shown = open.length > 80 ? `${open.slice(0, 80)}…` : open;
  return `'${shown.replaceAll(/\p{Cc}/gu, "?")}'`;
}
