import {
  acceptedContent,
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  inputRequired,
  type InputRequiredResult,
  inputResponse,
  type McpServer,
  type RequestStateCodec,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { text } from "./content_tools.ts";

type Answer = CallToolResult | InputRequiredResult;

const NAME = z.object({ name: z.string() });
const COLOUR = z.object({ color: z.string() });
const OK = z.object({ ok: z.boolean() });
const CONTEXT = z.object({ context: z.string() });

/** How far a call of several rounds has come. */
interface Rounds {
  readonly round: number;
  readonly name?: string;
}

const elicit = (message: string, requestedSchema: z.ZodObject) =>
  inputRequired.elicit({ message, requestedSchema });

function sampling(words: string) {
  const content = { type: "text" as const, text: words };
  return inputRequired.createMessage({ messages: [{ role: "user", content }], maxTokens: 100 });
}

/** Adds the tools that ask by what they answer, as since 2026-07-28, and a prompt of that kind. */
export function addRoundTripTools(server: McpServer, codec: RequestStateCodec): void {
  const tools: Readonly<Record<string, (context: ServerContext) => Answer | Promise<Answer>>> = {
    elicitation: ({ mcpReq }) => {
      const given = acceptedContent(mcpReq.inputResponses, "user_name", NAME);
      if (given !== undefined) return text(`Hello, ${given.name}!`);
      return asking({ user_name: elicit("What is your name?", NAME) });
    },
    sampling: ({ mcpReq }) => {
      const given = inputResponse(mcpReq.inputResponses, "capital_question");
      if (given.kind === "sampling") return text(JSON.stringify(given.result.content));
      return asking({ capital_question: sampling("What is the capital of France?") });
    },
    list_roots: ({ mcpReq }) => {
      const given = inputResponse(mcpReq.inputResponses, "client_roots");
      if (given.kind === "roots") return text(JSON.stringify(given.roots));
      return asking({ client_roots: inputRequired.listRoots() });
    },
    multiple_inputs: async (context) => {
      const { inputResponses: given } = context.mcpReq;
      if (given !== undefined && Object.keys(given).length >= 3) return text(JSON.stringify(given));
      return asking({
        user_name: elicit("What is your name?", NAME),
        greeting: sampling("Generate a greeting"),
        client_roots: inputRequired.listRoots(),
      }, await codec.mint({ round: 1 }, context));
    },
    request_state: (context) => stated(context, codec),
    tampered_state: (context) => stated(context, codec),
    multi_round: (context) => rounds(context, codec),
    capabilities: (context) => {
      const can = capabilitiesOf(context);
      return asking({
        ...(can.sampling ? { capital: sampling("What is the capital of France?") } : {}),
        ...(can.elicitation ? { user_name: elicit("What is your name?", NAME) } : {}),
      });
    },
  };
  for (const [name, answer] of Object.entries(tools)) {
    server.registerTool(`test_input_required_result_${name}`, { description: "Asks" }, answer);
  }
  server.registerTool("test_streaming_elicitation", { description: "Asks" }, tools.elicitation!);
  // Asking for what the client has not said that it can do is refused by the SDK.
  server.registerTool("test_missing_capability", { description: "Asks" }, tools.sampling!);
  addAskingPrompt(server);
}

function asking(
  inputRequests: NonNullable<InputRequiredResult["inputRequests"]>,
  requestState?: string,
): InputRequiredResult {
  return inputRequired({ inputRequests, ...(requestState === undefined ? {} : { requestState }) });
}

/** The SDK has refused a state that was not made here, before this is called. */
async function stated(context: ServerContext, codec: RequestStateCodec): Promise<Answer> {
  const state = context.mcpReq.requestState<Rounds>();
  const given = acceptedContent(context.mcpReq.inputResponses, "confirm", OK);
  if (state?.round === 1 && given !== undefined) return text("state-ok");
  return asking({ confirm: elicit("Please confirm", OK) }, await codec.mint({ round: 1 }, context));
}

async function rounds(context: ServerContext, codec: RequestStateCodec): Promise<Answer> {
  const state = context.mcpReq.requestState<Rounds>();
  const { inputResponses } = context.mcpReq;
  const name = acceptedContent(inputResponses, "step1", NAME)?.name;
  const colour = acceptedContent(inputResponses, "step2", COLOUR)?.color;
  if (state?.round === 2 && colour !== undefined) return text(`${state.name} likes ${colour}`);
  if (state?.round === 1 && name !== undefined) {
    const next = await codec.mint({ round: 2, name }, context);
    return asking({ step2: elicit("Step 2: What is your favorite color?", COLOUR) }, next);
  }
  const first = await codec.mint({ round: 1 }, context);
  return asking({ step1: elicit("Step 1: What is your name?", NAME) }, first);
}

/** What the client has said that it can do. */
function capabilitiesOf({ mcpReq: { envelope = {} } }: ServerContext): ClientCapabilities {
  return (envelope as Readonly<Record<string, ClientCapabilities>>)[CLIENT_CAPABILITIES_META_KEY] ??
    {};
}

function addAskingPrompt(server: McpServer): void {
  server.registerPrompt("test_input_required_result_prompt", { description: "Asks" }, (context) => {
    const given = acceptedContent(context.mcpReq.inputResponses, "user_context", CONTEXT);
    if (given === undefined) {
      const message = "What context should the prompt use?";
      return asking({ user_context: elicit(message, CONTEXT) });
    }
    const content = { type: "text", text: `Use ${given.context}` } as const;
    return { messages: [{ role: "user", content }] };
  });
}
