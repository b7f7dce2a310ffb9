import { SETTING_NAMES, type SettingName } from "./config.ts";

/** The settings as the environment has them, and nothing else of it. */
export type Environment = Readonly<Record<SettingName, string | undefined>>;

/**
 * The only reader of the environment.
 *
 * Needs `--allow-env` for each of `SETTING_NAMES`.
 */
export function readEnvironment(): Environment {
  const entries = SETTING_NAMES.map((name) => [name, Deno.env.get(name)] as const);
  return Object.fromEntries(entries) as Record<SettingName, string | undefined>;
}

/** What a program needs to find itself and others; runs in the sandbox never see it. */
export interface SearchPath {
  readonly PATH: string;
  readonly HOME: string;
  /** Where Deno keeps packages; `null`: where it does by itself. */
  readonly DENO_DIR: string | null;
}

/** The variables of {@link SearchPath}. Needs `--allow-env=PATH,HOME,DENO_DIR`. */
export function readSearchPath(): SearchPath {
  return {
    PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin",
    HOME: Deno.env.get("HOME") ?? "/",
    DENO_DIR: Deno.env.get("DENO_DIR") || null,
  };
}
