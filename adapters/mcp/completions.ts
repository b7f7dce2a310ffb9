import {
  type CompleteRequestParams,
  type CompleteResult,
  ProtocolError,
  ProtocolErrorCode,
} from "@modelcontextprotocol/server";
import type { RequestContext } from "../../application/request_context.ts";
import { isFailure } from "../../domain/errors.ts";
import { protocolAnswer } from "./protocol_fault.ts";
import type { McpReach, Registrar } from "./registrar.ts";
import { filesOf, isExecutionId } from "./resource_contents.ts";
import { RESOURCE_URIS } from "./resources.ts";

/** The protocol lets no more through. */
const MOST_VALUES = 100;

/**
 * Makes what registers the completion of prompts' arguments and of the variables of resources' templates.
 *
 * It is one handler of our own, since the SDK's completers are not told who asks.
 */
export function completions(): Registrar {
  return (server, reach) => {
    server.server.registerCapabilities({ completions: {} });
    server.server.setRequestHandler("completion/complete", async ({ params }, context) => {
      return await protocolAnswer(reach, context, async ({ context: caller }) => {
        return completion(await valuesFor(params, { ...reach, caller }));
      });
    });
  };
}

interface Asking extends Pick<McpReach, "application"> {
  readonly caller: RequestContext;
}

async function valuesFor(
  params: CompleteRequestParams,
  asking: Asking,
): Promise<readonly string[]> {
  const { ref, argument: { name, value } } = params;
  const { application, caller } = asking;
  if (ref.type === "ref/prompt") {
    const begun = { slug: ref.name, argument: name, value };
    return await application.completeArgument(begun, caller);
  }
  if (!RESOURCE_URIS.has(ref.uri)) {
    const message = `Cannot complete: no resource is at '${ref.uri.slice(0, 200)}'`;
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, message);
  }
  if (name === "label") return await application.completeLabel(value, caller);
  const id = params.context?.arguments?.id;
  if (name !== "path" || id === undefined || !isExecutionId(id)) return [];
  return await pathsOf(id, value, asking);
}

/** Which files a run of the caller's own brought back. */
async function pathsOf(id: string, typed: string, asking: Asking): Promise<readonly string[]> {
  const { application, caller } = asking;
  try {
    const files = filesOf(await application.getExecution(id.toLowerCase(), caller));
    return files.map(({ path }) => path).filter((path) => path.startsWith(typed));
  } catch (error) {
    if (isFailure(error, "not_found")) return [];
    throw error;
  }
}

function completion(values: readonly string[]): CompleteResult {
  return {
    completion: {
      values: values.slice(0, MOST_VALUES),
      total: values.length,
      hasMore: values.length > MOST_VALUES,
    },
  };
}
