import {
  JAVASCRIPT_EXPECTED,
  type JavascriptSetting,
  javascriptSetting,
} from "./javascript_setting.ts";
import { isOciRuntime, OCI_EXPECTED, type OciSetting, ociSetting } from "./oci_setting.ts";
import { ABSOLUTE_PATH, isAbsolutePath } from "./path_setting.ts";
import { moduleNames } from "./preload_setting.ts";
import type { SettingReader } from "./setting_reader.ts";

/** Settings that say in what programs are run. */
export const SANDBOX_NAMES = [
  "PYTHON",
  "JAVASCRIPT_RUNTIME",
  "PYTHON_PACKAGES_DIR",
  "PYTHON_PRELOAD",
  "SANDBOX_RUNNER",
  "OCI_RUNTIME",
  "OCI_ROOTFS",
  "EXECUTION_POOL",
] as const;

type Reader = SettingReader<(typeof SANDBOX_NAMES)[number]>;

const RUNNERS = ["auto", "fork-server", "bubblewrap", "oci"] as const;

/** What those settings say. */
export interface SandboxSetting {
  readonly runner: typeof RUNNERS[number];
  readonly oci: OciSetting;
  /** `null`: found on this machine. */
  readonly python: string | null;
  /** Python packages that every run can import; the folder need not be there. */
  readonly packagesDir: string;
  /** Modules imported before any run; `null`: the usual ones that are there. */
  readonly preload: readonly string[] | null;
  readonly deno: string;
  readonly javascript: JavascriptSetting;
  /** JavaScript processes kept started ahead of their programs. */
  readonly pool: number;
}

/** Reads them; `deno` is the binary that runs the service. */
export function sandboxSetting(
  read: Reader,
  dataDir: string,
  { deno }: { readonly deno: string },
): SandboxSetting {
  return {
    runner: read.choice("SANDBOX_RUNNER", RUNNERS) ?? "auto",
    oci: ociSetting(
      read.text("OCI_RUNTIME", isOciRuntime, OCI_EXPECTED),
      read.text("OCI_ROOTFS", isAbsolutePath, ABSOLUTE_PATH),
    ),
    python: read.text("PYTHON", isAbsolutePath, ABSOLUTE_PATH),
    packagesDir: read.text("PYTHON_PACKAGES_DIR", isAbsolutePath, ABSOLUTE_PATH) ??
      `${dataDir}/python`,
    preload: moduleNames(read),
    deno,
    javascript: javascript(read) ?? { name: "deno", path: deno },
    pool: read.whole("EXECUTION_POOL", 0, 256) ?? 8,
  };
}

function javascript(read: Reader): JavascriptSetting | null {
  const fits = (text: string) => isAbsolutePath(text) && javascriptSetting(text) !== null;
  const path = read.text("JAVASCRIPT_RUNTIME", fits, JAVASCRIPT_EXPECTED);
  return path === null ? null : javascriptSetting(path);
}
