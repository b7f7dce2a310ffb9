import * as packages from "../adapters/sandbox/packages/packages.ts";
import { type Config, USUAL_PYTHON } from "./config.ts";

export { PACKAGE_ACTIONS } from "../adapters/sandbox/packages/packages.ts";

/** Adds, removes or lists the packages of the service with this configuration; the exit code. */
export async function managePackages(
  { sandbox, dataDir }: Config,
  action: packages.PackageAction,
  names: readonly string[],
): Promise<number> {
  const place = { python: sandbox.python ?? USUAL_PYTHON, folder: sandbox.packagesDir, dataDir };
  return await packages.managePackages(place, action, names);
}
