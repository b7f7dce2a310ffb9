import type { Unavailability } from "../../domain/ports/execution_runner.ts";
import type { ContainerOptions } from "./fork_server/options.ts";
import { type ForkServerOptions, ForkServerRunner } from "./fork_server/runner.ts";

/** Which runner is wanted, by the names in receipts; `auto`: the first that stands. */
export interface RunnerChoice {
  readonly runner: "auto" | "fork-server" | "bubblewrap" | "oci";
  readonly oci: {
    /** Whether the operator named a runtime: `auto` tries no other. */
    readonly isNamed: boolean;
    /** Programs by path or by name on `PATH`; the first that is there is taken. */
    readonly runtimes: readonly string[];
    /** Another root file system for runs, a folder of the host; `null`: the host's own. */
    readonly rootfs: string | null;
  };
}

/** The runners to try, the strongest and cheapest first; `null` stands for the fork server. */
function candidates({ runner, oci }: RunnerChoice): readonly (ContainerOptions | null)[] {
  const bubblewrap = { kind: "bubblewrap", runtimes: ["bwrap"] } as const;
  const { runtimes, rootfs } = oci;
  const containers = { kind: "oci", runtimes, ...(rootfs === null ? {} : { rootfs }) } as const;
  switch (runner) {
    case "fork-server":
      return [null];
    case "bubblewrap":
      return [bubblewrap];
    case "oci":
      return [containers];
    case "auto":
      return [null, bubblewrap, ...(oci.isNamed ? [containers] : [])];
  }
}

/**
 * Opens the runner that is wanted. With `auto`, the first whose walls were seen to hold; it stays the
 * one until the process ends. Where none stands it is the first, which goes on trying, and its refusal
 * tells of all that were tried. Never rejects.
 */
export async function openChosen(
  options: ForkServerOptions,
  choice: RunnerChoice,
): Promise<ForkServerRunner> {
  const others: string[] = [];
  const explain = ({ reason, remedy }: Unavailability) => ({
    reason: [reason, ...others].join(" | "),
    remedy,
  });
  const [first = null, ...rest] = candidates(choice);
  const runner = await openOne(first, { ...options, explain });
  if (runner.status().ready) return runner;
  for (const candidate of rest) {
    const other = await openOne(candidate, options);
    const { ready, refusal, runner: name } = other.status();
    if (ready) {
      await runner[Symbol.asyncDispose]();
      return other;
    }
    others.push(`${name}: ${refusal?.reason ?? "it did not start"}. ${refusal?.remedy ?? ""}`);
    await other[Symbol.asyncDispose]();
  }
  return runner;
}

function openOne(
  container: ContainerOptions | null,
  options: ForkServerOptions,
): Promise<ForkServerRunner> {
  if (container === null) return ForkServerRunner.open(options);
  // Nothing is started ahead in containers.
  const { pool: _, ...others } = options;
  return ForkServerRunner.open({ ...others, container });
}
