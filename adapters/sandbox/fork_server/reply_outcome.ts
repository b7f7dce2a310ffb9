import { judge, LAST_WORDS_LENGTH } from "../../../domain/execution/ending.ts";
import type { ExecutionLimits } from "../../../domain/execution/limits.ts";
import type { ExecutionOutcome } from "../../../domain/execution/outcome.ts";
import type { Reply } from "./frames.ts";
import { decodeFiles } from "./output_files.ts";
import { textInTurns } from "./output_text.ts";

/** What a reply alone does not tell. */
export interface Surroundings {
  readonly limits: ExecutionLimits;
  readonly runner: string;
  readonly layers: readonly string[];
  readonly missing: readonly string[];
}

/** What a reply says of a run that was started. */
export async function outcomeOf(
  reply: Reply,
  { limits, ...isolation }: Surroundings,
): Promise<ExecutionOutcome> {
  const [stdout, stderr] = [await textInTurns(reply.stdout), await textInTurns(reply.stderr)];
  const peak = reply.accountedPeakBytes;
  const verdict = judge({
    cause: reply.cause,
    ...splitStatus(reply.waitStatus),
    accountedPeakBytes: peak,
    lastWords: stderr.slice(-LAST_WORDS_LENGTH),
  }, limits);
  return {
    ...verdict,
    stdout,
    stderr,
    stdoutTruncated: reply.stdoutTruncated,
    stderrTruncated: reply.stderrTruncated,
    durationSeconds: reply.wallSeconds,
    cpuSeconds: reply.cpuSeconds,
    memoryPeakBytes: Math.max(peak, reply.largestProcessBytes),
    ...decodeFiles(reply.files),
    isolation,
  };
}

function splitStatus(
  status: number,
): { readonly exitCode: number | null; readonly signalNumber: number | null } {
  const signal = status & 0x7f;
  return signal === 0
    ? { exitCode: (status >> 8) & 0xff, signalNumber: null }
    : { exitCode: null, signalNumber: signal };
}
