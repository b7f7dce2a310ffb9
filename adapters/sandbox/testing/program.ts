import { NO_FILES } from "../../../domain/execution/files.ts";
import type { ExecutionRequest } from "../../../domain/execution/request.ts";
import {
  frameworkOf,
  TEST_SOURCES,
  type TestFramework,
  type TestLanguage,
} from "../../../domain/testing/framework.ts";
import DENO_SCRIPT from "./deno_side.js" with { type: "text" };
import DENO_SIDE from "./deno_side.py" with { type: "text" };
import HARNESS from "./harness.py" with { type: "text" };
import PYTEST_SIDE from "./pytest_side.py" with { type: "text" };

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

/** What the harness needs beside itself, by framework. */
const SIDES: { readonly [F in TestFramework]: Readonly<Record<string, string>> } = {
  pytest: { "pytest_side.py": PYTEST_SIDE },
  deno: { "deno_side.py": DENO_SIDE, "deno_side.js": DENO_SCRIPT },
};

/** What the sandbox is asked to run, so that the tests of a request are run. */
export function harnessRequest(
  request: ExecutionRequest,
  language: TestLanguage,
  preloaded: readonly string[],
): ExecutionRequest {
  const framework = frameworkOf(language);
  const encoder = new TextEncoder();
  const source = { path: TEST_SOURCES[language], content: encoder.encode(request.code) };
  const own = Object.entries(SIDES[framework])
    .map(([path, text]) => ({ path, content: encoder.encode(text) }));
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
    code: HARNESS + namedBy(request, preloaded),
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
