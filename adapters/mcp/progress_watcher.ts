import type { ServerContext } from "@modelcontextprotocol/server";
import type { ExecutionWatcher } from "../../application/execution_watcher.ts";
import { wireStarted } from "../wire/execution.ts";
import type { LongTexts } from "../wire/long_texts.ts";

/** Where a notification's `_meta` says which of the events of a stream over HTTP it is. */
const EVENT = "ultimate-mcp/event";

/**
 * Tells a client that asked for progress of a run the same events as a stream over HTTP: `message` is
 * what the program wrote, and `_meta` says where. `undefined` for a client that did not ask.
 */
export function progressWatcher(
  call: ServerContext["mcpReq"],
  texts: LongTexts,
): ExecutionWatcher | undefined {
  const progressToken = call._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  let progress = 0;
  const notify = (event: object, message: string) => {
    progress += 1;
    const params = { progressToken, progress, message, _meta: { [EVENT]: event } };
    // Where the client has gone, the run is about to be ended.
    call.notify({ method: "notifications/progress", params }).catch(() => {});
  };
  return {
    started: (execution) => notify({ type: "started", ...wireStarted(execution) }, "started"),
    wrote(stream, text) {
      const { mark, taken } = texts.follow(text);
      notify({ type: stream }, mark);
      return taken;
    },
  };
}
