const INSTALLER = new URL("./installer.py", import.meta.url).pathname;

/** What can be done with the packages that runs can import. */
export const PACKAGE_ACTIONS = ["add", "remove", "list"] as const;

/** One of {@link PACKAGE_ACTIONS}. */
export type PackageAction = (typeof PACKAGE_ACTIONS)[number];

/** Where packages stand and which Python they are for. */
export interface PackagesPlace {
  /** The Python that serves. */
  readonly python: string;
  /** The folder that every run sees; made when it is not there. */
  readonly folder: string;
  /** Where pip itself is kept; made when it is not there. */
  readonly dataDir: string;
}

/**
 * Adds, removes or lists packages (`installer.py` says how); the exit code, 0 when it is done. What
 * happens goes to this process's own output. The installer gets this process's whole environment: pip's
 * settings and the host's proxies stand there.
 *
 * @throws {Deno.errors.NotFound} when there is no such Python.
 */
export async function managePackages(
  { python, folder, dataDir }: PackagesPlace,
  action: PackageAction,
  names: readonly string[],
): Promise<number> {
  const args = ["-I", "-B", INSTALLER, action, folder, dataDir, ...names];
  const command = new Deno.Command(python, { args, stdin: "null" });
  const { code } = await command.spawn().status;
  return code;
}
