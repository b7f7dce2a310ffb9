import { NO_FILES } from "../../../domain/execution/files.ts";
import type { ExecutionRequest } from "../../../domain/execution/request.ts";
import { frameworkOf, TEST_SOURCES, type TestLanguage } from "../../../domain/testing/framework.ts";

/** Where a runtime stands inside. */
const DENO = "/opt/javascript/deno";
const FOLDER = "tests/";
/** Bytes kept of each output of the tests. */
const STREAM_BYTES = 262_144;
/** What the harness may write: reports, both outputs in base64, and what is around them. */
const HARNESS_OUTPUT_KB = 16 * 1024;
/** Of the memory of the tests, what is not their heap. */
const HEADROOM_MB = 48;
const LEAST_HEAP_MB = 16;

/** The harness's own files, read once. */
export interface HarnessTexts {
  readonly harness: string;
  readonly sides: { readonly pytest: HarnessFiles; readonly deno: HarnessFiles };
}

type HarnessFiles = Readonly<Record<string, Uint8Array>>;

/** Reads the harness's own files. */
export async function readHarnessTexts(): Promise<HarnessTexts> {
  const read = (name: string) => Deno.readFile(new URL(name, import.meta.url));
  const files = async (...names: readonly string[]) =>
    Object.fromEntries(await Promise.all(names.map(async (name) => [name, await read(name)])));
  return {
    harness: new TextDecoder().decode(await read("harness.py")),
    sides: {
      pytest: await files("pytest_side.py"),
      deno: await files("deno_side.py", "deno_side.js"),
    },
  };
}

/** What the sandbox is asked to run, so that the tests of a request are run. */
export function harnessRequest(
  request: ExecutionRequest,
  language: TestLanguage,
  texts: HarnessTexts,
  preloaded: readonly string[],
): ExecutionRequest {
  const framework = frameworkOf(language);
  const source = { path: TEST_SOURCES[language], content: new TextEncoder().encode(request.code) };
  const own = Object.entries(texts.sides[framework]).map(([path, content]) => ({ path, content }));
  const brought = [source, ...request.files].map(({ path, content }) => ({
    path: `${FOLDER}${path}`,
    content,
  }));
  const { memoryMb } = request.limits;
  const order = {
    side: `${framework}_side`,
    stream_bytes: Math.min(STREAM_BYTES, request.limits.outputKb * 1024),
    heap_mb: Math.max(LEAST_HEAP_MB, memoryMb - HEADROOM_MB),
    deno: DENO,
  };
  return {
    ...request,
    ...NO_FILES,
    language: "python",
    code: texts.harness + namedBy(request, preloaded),
    stdin: JSON.stringify(order),
    files: [...own, ...brought],
    limits: { ...request.limits, outputKb: HARNESS_OUTPUT_KB },
  };
}

/** A run starts from a process that has imported what its program names: so the harness names it too. */
function namedBy({ code, files, tests }: ExecutionRequest, preloaded: readonly string[]): string {
  if (tests !== "python") return "";
  const modules = files.filter(({ path }) => path.endsWith(".py"));
  const decoder = new TextDecoder();
  const texts = [code, ...modules.map(({ content }) => decoder.decode(content))];
  const wanted = [...preloaded.map((name) => name.replace(/\..*/, "")), "pytest"]
    .filter((name) => name === "pytest" || texts.some((text) => text.includes(name)));
  return `\n# ${wanted.join(" ")}\n`;
}
