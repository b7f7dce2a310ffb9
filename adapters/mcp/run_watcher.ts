import type { ServerContext } from "@modelcontextprotocol/server";
import type { ExecutionWatcher } from "../../application/execution_watcher.ts";
import { wireStarted } from "../wire/execution.ts";
import type { LongTexts } from "../wire/long_texts.ts";
import { isWanted } from "./logging_level.ts";
import { progressWatcher } from "./progress_watcher.ts";
import type { McpReach } from "./registrar.ts";

/**
 * Tells a client of a run while it lasts: as progress where it asked for that, else as log messages
 * where it has set a level, else not at all.
 */
export function runWatcher(
  { mcpReq }: ServerContext,
  texts: LongTexts,
  level: ReturnType<McpReach["levelOf"]>,
): ExecutionWatcher | undefined {
  return progressWatcher(mcpReq, texts) ?? logWatcher(mcpReq, texts, level);
}

/** What a program writes is worth knowing; that it has begun only to those who look closely. */
function logWatcher(
  call: ServerContext["mcpReq"],
  texts: LongTexts,
  least: ReturnType<McpReach["levelOf"]>,
): ExecutionWatcher | undefined {
  if (least === null || !isWanted("info", least)) return undefined;
  const notify = (level: "debug" | "info", data: object) => {
    if (!isWanted(level, least)) return;
    const params = { level, logger: "execute_code", data };
    // Where the client has gone, the run is about to be ended.
    call.notify({ method: "notifications/message", params }).catch(() => {});
  };
  return {
    started: (execution) => notify("debug", { type: "started", ...wireStarted(execution) }),
    wrote(stream, text) {
      const { mark, taken } = texts.follow(text);
      notify("info", { type: stream, text: mark });
      return taken;
    },
  };
}
