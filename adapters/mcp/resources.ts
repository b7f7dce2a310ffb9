import {
  type McpServer,
  type ReadResourceResult,
  type ResourceMetadata,
  ResourceTemplate,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { RequestContext } from "../../application/request_context.ts";
import type { McpCall } from "../wire/mcp_call.ts";
import { protocolAnswer } from "./protocol_fault.ts";
import type { McpReach, Registrar } from "./registrar.ts";
import {
  type Contents,
  executionContents,
  fileContents,
  graphMetricsContents,
  graphSchemaContents,
  labelContents,
  sandboxContents,
  statusContents,
} from "./resource_contents.ts";

/** A resource that is read, by whom, and what its URI's variables are. */
export interface Reading extends McpCall<RequestContext> {
  readonly application: McpReach["application"];
  readonly uri: string;
  readonly variables: Readonly<Record<string, string>>;
}

interface Offered extends ResourceMetadata {
  readonly name: string;
  /** A URI, or a template of such. */
  readonly at: string;
  readonly title: string;
  readonly description: string;
  readonly read: (reading: Reading) => Contents | Promise<Contents>;
}

const JSON_TYPE = "application/json";

const OFFERED: readonly Offered[] = [
  {
    name: "status",
    at: "ultimate-mcp://status",
    title: "The service",
    description: "The service as an operator sees it: load, caches, breakers, backends.",
    mimeType: JSON_TYPE,
    read: statusContents,
  },
  {
    name: "sandbox",
    at: "ultimate-mcp://sandbox",
    title: "The sandbox's receipt",
    description:
      "Which walls stand round a run on this machine and which do not, which languages " +
      "cannot run, and which Python packages are loaded before a run asks.",
    mimeType: JSON_TYPE,
    read: sandboxContents,
  },
  {
    name: "graph-schema",
    at: "ultimate-mcp://graph/schema",
    title: "What the graph holds",
    description:
      "The labels and relationship types of the shared graph with how many there are of " +
      "each, and by what nodes are looked up.",
    mimeType: JSON_TYPE,
    read: graphSchemaContents,
  },
  {
    name: "graph-metrics",
    at: "ultimate-mcp://graph/metrics",
    title: "How much there is in the graph",
    description: "Counts, as they were at most a minute ago.",
    mimeType: JSON_TYPE,
    read: graphMetricsContents,
  },
];

const TEMPLATES: readonly Offered[] = [
  {
    name: "graph-label",
    at: "ultimate-mcp://graph/labels/{label}",
    title: "What nodes of a label look like",
    description: "Which properties nodes of a label have, by a hundred of them.",
    mimeType: JSON_TYPE,
    read: labelContents,
  },
  {
    name: "execution",
    at: "ultimate-mcp://executions/{id}",
    title: "A stored run",
    description:
      "How a run of one's own ended, what it wrote (64 Ki characters of each output) and " +
      "where its files are; or where a queued one stands.",
    mimeType: JSON_TYPE,
    read: executionContents,
  },
  {
    name: "execution-file",
    at: "ultimate-mcp://executions/{id}/files/{+path}",
    title: "A file that a run brought back",
    description: "A file that `outputs` named in a run of one's own, as text or as bytes.",
    read: fileContents,
  },
];

/** The URIs of resources, and templates of such. */
export const RESOURCE_URIS: ReadonlySet<string> = new Set(
  [...OFFERED, ...TEMPLATES].map(({ at }) => at),
);

/** Makes what registers the resources, which are read as the routes of HTTP are, by the same use cases. */
export function resources(): Registrar {
  const templates = TEMPLATES.map((offered) => {
    return { ...offered, template: new ResourceTemplate(offered.at, { list: undefined }) };
  });
  return (server, reach) => {
    server.server.registerCapabilities({ resources: { listChanged: false } });
    for (const { name, at, read, ...metadata } of OFFERED) {
      server.registerResource(name, at, metadata, (uri, context) => {
        return contentsOf(read, { uri, variables: {}, reach, context });
      });
    }
    for (const offered of templates) addTemplate(server, offered, reach);
  };
}

function addTemplate(
  server: McpServer,
  { name, at: _at, template, read, ...metadata }: Offered & { readonly template: ResourceTemplate },
  reach: McpReach,
): void {
  server.registerResource(name, template, metadata, (uri, found, context) => {
    // None of the templates has a list in it.
    const variables = Object.fromEntries(
      Object.entries(found).map(([variable, value]) => [variable, String(value)]),
    );
    return contentsOf(read, { uri, variables, reach, context });
  });
}

interface Asked extends Pick<Reading, "variables"> {
  readonly uri: URL;
  readonly reach: McpReach;
  readonly context: ServerContext;
}

async function contentsOf(
  read: Offered["read"],
  { uri: { href: uri }, variables, reach, context }: Asked,
): Promise<ReadResourceResult> {
  const { application } = reach;
  return await protocolAnswer(reach, context, async (call) => {
    const contents = await read({ ...call, application, uri, variables });
    return { contents: [{ uri, ...contents }] };
  }, uri);
}
