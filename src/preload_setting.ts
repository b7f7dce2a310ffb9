import type { SettingReader } from "./setting_reader.ts";

const MODULES = "'none' or at most 16 module names, separated by commas";

/** Modules that `PYTHON_PRELOAD` names; `null`: it is not set. */
export function moduleNames(read: SettingReader<"PYTHON_PRELOAD">): readonly string[] | null {
  const split = (text: string) => text.split(",").map((name) => name.trim());
  const isModule = (name: string) => /^[a-z_]\w*(\.[a-z_]\w*)*$/i.test(name);
  const fits = (text: string) => split(text).every(isModule) && split(text).length <= 16;
  const text = read.text("PYTHON_PRELOAD", fits, MODULES);
  if (text === null) return null;
  return text === "none" ? [] : split(text);
}
