import { DomainError } from "../../domain/errors.ts";
import type { OutputFile } from "../../domain/execution/files.ts";
import { type FoundExecution, isJob } from "../../domain/execution/job.ts";
import { encodeFiles } from "../wire/file_contents.ts";
import { wireGraphCounts } from "../wire/graph_shape.ts";
import { wireStanding, wireStored } from "../wire/jobs.ts";
import { wireSandbox, wireStatus } from "../wire/status.ts";
import { imageType } from "./file_content.ts";
import type { Reading } from "./resources.ts";

/** What a resource holds; of a text that is long there may be only what stands for it. */
export type Contents =
  | { readonly mimeType: string; readonly text: string }
  | { readonly mimeType: string; readonly blob: string };

/** Of each output so many UTF-16 units are told: a resource is read whole, into a model's context. */
const MAX_OUTPUT_LENGTH = 65_536;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The service, for any token. */
export function statusContents(reading: Reading): Contents {
  return json(wireStatus(reading.application.status()), reading);
}

/** The sandbox of this machine, for any token. */
export function sandboxContents(reading: Reading): Contents {
  return json(wireSandbox(reading.application.status().sandbox), reading);
}

/** What kinds of things there are in the graph. */
export async function graphSchemaContents(reading: Reading): Promise<Contents> {
  const { metrics, indexes } = await reading.application.graphSchema(reading.context);
  const { labels, relationship_types, omitted } = wireGraphCounts(metrics);
  return json({ labels, relationship_types, omitted, indexes }, reading);
}

/** How much there is in the graph. */
export async function graphMetricsContents(reading: Reading): Promise<Contents> {
  return json(wireGraphCounts(await reading.application.graphMetrics(reading.context)), reading);
}

/** What nodes of a label look like. */
export async function labelContents(reading: Reading): Promise<Contents> {
  const { application, context, variables: { label = "" } } = reading;
  const shape = await application.describeLabel(decoded(label), context);
  const properties = Object.fromEntries(shape.properties);
  return json({ label: shape.label, sampled_nodes: shape.sampled, properties }, reading);
}

/** A stored run without the contents of its files, or where a queued one stands. */
export async function executionContents(reading: Reading): Promise<Contents> {
  const found = await executionOf(reading);
  if (isJob(found)) return json(wireStanding(found), reading);
  const stored = await wireStored({ ...found, files: [] });
  const [stdout, stderr] = [cut(found.stdout), cut(found.stderr)];
  const told = {
    ...stored,
    stdout,
    stderr,
    stdout_truncated: found.stdoutTruncated || stdout.length < found.stdout.length,
    stderr_truncated: found.stderrTruncated || stderr.length < found.stderr.length,
    files: found.files.map(({ path, content }) => {
      return { path, size: content.length, uri: fileUri(found.id, path) };
    }),
  };
  return json(told, reading);
}

/** A file that a run brought back: as text where it is UTF-8. */
export async function fileContents(reading: Reading): Promise<Contents> {
  const path = decoded(reading.variables.path ?? "");
  const found = await executionOf(reading);
  const file = filesOf(found).find((one) => one.path === path);
  if (file === undefined) throw notFound(reading);
  const [encoded] = await encodeFiles([file]);
  if (encoded === undefined) throw notFound(reading);
  const content = reading.texts.hold(encoded.content);
  if (encoded.encoding === "utf-8") return { mimeType: "text/plain", text: content };
  return { mimeType: imageType(file) ?? "application/octet-stream", blob: content };
}

/** Whether a text can be the id of a run. */
export function isExecutionId(text: string): boolean {
  return UUID.test(text);
}

/** The files of a run that has ended. */
export function filesOf(found: FoundExecution): readonly OutputFile[] {
  return isJob(found) ? [] : found.files;
}

/** @throws {DomainError} `not_found` for what is no id, and as `getExecution` does. */
async function executionOf(reading: Reading): Promise<FoundExecution> {
  const { application, context, variables: { id = "" } } = reading;
  if (!isExecutionId(id)) throw notFound(reading);
  return await application.getExecution(id.toLowerCase(), context);
}

function fileUri(id: string, path: string): string {
  return `ultimate-mcp://executions/${id}/files/${
    path.split("/").map(encodeURIComponent).join("/")
  }`;
}

/** A variable as it was before it stood in a URI; what is no encoding stands for itself. */
function decoded(variable: string): string {
  try {
    return decodeURIComponent(variable);
  } catch {
    return variable;
  }
}

function notFound({ uri }: Pick<Reading, "uri">): DomainError {
  return new DomainError({ code: "not_found", what: `resource '${uri.slice(0, 200)}'` });
}

/** The start of a text, its last character whole. */
function cut(text: string): string {
  if (text.length <= MAX_OUTPUT_LENGTH) return text;
  const isPair = (text.codePointAt(MAX_OUTPUT_LENGTH - 1) ?? 0) > 0xffff;
  return text.slice(0, MAX_OUTPUT_LENGTH - (isPair ? 1 : 0));
}

function json(value: object, { texts }: Pick<Reading, "texts">): Contents {
  return { mimeType: "application/json", text: texts.hold(JSON.stringify(value, null, 2)) };
}
