import { DomainError } from "../../../domain/errors.ts";
import { refusedCommand } from "./gate.ts";

const COMMAND = /Schema commands should be routed/;
const PLACE = /--> query:(\d+):(\d+)/;

/** What the engine says against a statement; `linesBefore` were put before the caller's own first line. */
export function statementFailure(error: unknown, linesBefore: number): DomainError {
  if (error instanceof DomainError) return error;
  const said = error instanceof Error ? error.message : String(error);
  if (COMMAND.test(said)) return refusedCommand();
  const [, line, column] = PLACE.exec(said) ?? [];
  const own = line === undefined ? 0 : Number(line) - linesBefore;
  return new DomainError({
    code: "query_invalid",
    message: wordsOf(said),
    line: own >= 1 ? own : null,
    column: own >= 1 ? Number(column) : null,
  }, { cause: error });
}

/** Without the engine's own numbers, and without the picture of the place. */
function wordsOf(said: string): string {
  const [first = ""] = said.split("\n", 1);
  const help = /help: (.*)/.exec(said)?.[1];
  const words = first.replace(/^[\w ]+: GRAFEO-\w+: /, "").replace("[Cypher] ", "");
  return help === undefined ? words : `${words}. ${help}`;
}
