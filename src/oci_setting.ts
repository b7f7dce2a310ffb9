/** Where `OCI_RUNTIME` names none, the first of these that is on `PATH` is taken. */
const USUAL = ["crun", "runc"] as const;
const KNOWN = /^(crun|runc|runsc)$/;

/** What `OCI_RUNTIME` and `OCI_ROOTFS` say. */
export interface OciSetting {
  /** Whether a runtime is named. */
  readonly isNamed: boolean;
  /** Programs by path or by name on `PATH`. */
  readonly runtimes: readonly string[];
  /** A folder with another root file system; `null`: the host's own. */
  readonly rootfs: string | null;
}

/** What an `OCI_RUNTIME` that is none is told. */
export const OCI_EXPECTED = "'crun', 'runc', 'runsc' or an absolute path without commas";

/** Whether a text can name a runtime. */
export function isOciRuntime(text: string): boolean {
  return KNOWN.test(text) || /^\/[^,\p{Cc}]+$/u.test(text);
}

/** The setting that a runtime and a folder make. */
export function ociSetting(runtime: string | null, rootfs: string | null): OciSetting {
  return { isNamed: runtime !== null, runtimes: runtime === null ? USUAL : [runtime], rootfs };
}
