import type { CallToolResult } from "@modelcontextprotocol/server";
import type { OutputFile } from "../../domain/execution/files.ts";
import type { WireExecution } from "../wire/schemas.ts";

type Content = CallToolResult["content"][number];

/** A kind of image that models can look at, by its name's end and its first bytes. */
type ImageKind = readonly [name: RegExp, mimeType: string, start: readonly number[]];
const IMAGES: readonly ImageKind[] = [
  [/\.png$/i, "image/png", [0x89, 0x50, 0x4e, 0x47]],
  [/\.jpe?g$/i, "image/jpeg", [0xff, 0xd8, 0xff]],
  [/\.gif$/i, "image/gif", [0x47, 0x49, 0x46, 0x38]],
  [/\.webp$/i, "image/webp", [0x52, 0x49, 0x46, 0x46]],
];
const MAX_IMAGES = 8;
const MAX_IMAGE_BYTES = 1_048_576;
const MAX_NAMED = 20;

/** For people and models: which files came back, and which did not and why. */
export function filesText(execution: WireExecution): string {
  const { files, files_omitted: omitted, files_omitted_count: count } = execution;
  const came = files.map(({ path, size }) => `${path} (${bytes(size)})`);
  const left = omitted.map(({ path, size, reason }) => {
    const why = reason.replaceAll("_", " ");
    return size === null ? `${path} (${why})` : `${path} (${bytes(size)}, ${why})`;
  });
  const lines = [listed("Files", came, came.length), listed("Files left out", left, count)];
  return lines.filter((line) => line !== "").join("\n");
}

function listed(title: string, entries: readonly string[], count: number): string {
  if (count === 0) return "";
  const shown = entries.slice(0, MAX_NAMED);
  const rest = count - shown.length;
  return `${title}: ${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

function bytes(size: number): string {
  return `${size.toLocaleString("en")} byte${size === 1 ? "" : "s"}`;
}

/** Pictures that a model can look at: the first eight, of at most 1 MiB each. */
export function images(files: readonly OutputFile[], execution: WireExecution): Content[] {
  const found = files.flatMap(({ path, content }, at): Content[] => {
    const mimeType = content.length > MAX_IMAGE_BYTES ? undefined : imageType({ path, content });
    const data = execution.files[at];
    if (mimeType === undefined || data?.encoding !== "base64") return [];
    return [{ type: "image", data: data.content, mimeType }];
  });
  return found.slice(0, MAX_IMAGES);
}

/** The type of a picture that models can look at. */
export function imageType({ path, content }: OutputFile): string | undefined {
  const kind = IMAGES.find(([name, , start]) =>
    name.test(path) && start.every((byte, place) => content[place] === byte)
  );
  return kind?.[1];
}
