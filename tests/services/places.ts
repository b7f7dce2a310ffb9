/** Where the set of a working copy lies: its state, programs, logs and data. Git ignores it. */
export const SERVICES_ROOT = new URL("../../.test-services", import.meta.url).pathname;

/** Where a set that lies in `root` is written down. */
export function stateFile(root: string): string {
  return `${root}/state.json`;
}
