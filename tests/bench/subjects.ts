import type { ExecutionRequest } from "../../domain/execution/request.ts";
import type { Language } from "../../domain/execution/language.ts";
import { openForkServer } from "../fixtures/fork_server.ts";
import { programOf } from "../fixtures/programs.ts";

/** What is measured: a program that prints 1; the last two copy a file that they are given, as well. */
export const SUBJECTS = [
  "python",
  "numpy",
  "pandas",
  "bash",
  "javascript",
  "python_files",
  "bash_files",
] as const;

/** One of {@link SUBJECTS}. */
export type Subject = (typeof SUBJECTS)[number];

const PROGRAMS: { readonly [S in Subject]: readonly [Language, file: string] } = {
  python: ["python", "one.py"],
  numpy: ["python", "with_numpy.py"],
  pandas: ["python", "with_pandas.py"],
  bash: ["bash", "one.sh"],
  javascript: ["javascript", "one.js"],
  python_files: ["python", "with_files.py"],
  bash_files: ["bash", "with_files.sh"],
};
const FOLDER = new URL("./programs/", import.meta.url).pathname;
const LEAN = ["--no-prompt", "--no-config", "--no-lock", "--no-npm", "--no-remote", "--no-check"];

/** Where `deno task packages add numpy pandas` has put them, by the same settings as the service's. */
export const PACKAGES: string = Deno.env.get("PYTHON_PACKAGES_DIR") ??
  `${Deno.env.get("DATA_DIR") ?? `${Deno.cwd()}/data`}/python`;

/** The subject's program, with what it is given and what it is asked for, as a body has them. */
export function bodyFor(subject: Subject): {
  readonly language: Language;
  readonly code: string;
  readonly files: readonly { readonly path: string; readonly content: string }[];
  readonly outputs: readonly string[];
} {
  const [language, file] = PROGRAMS[subject];
  const code = Deno.readTextFileSync(`${FOLDER}${file}`);
  if (!subject.endsWith("_files")) return { language, code, files: [], outputs: [] };
  return { language, code, files: [{ path: "in", content: "x".repeat(1000) }], outputs: ["out"] };
}

/** The same as a runner takes it. */
export function requestFor(subject: Subject): ExecutionRequest {
  const { language, code, files, outputs } = bodyFor(subject);
  return programOf(language, code, {
    files: files.map(({ path, content }) => ({ path, content: new TextEncoder().encode(content) })),
    outputs: { patterns: outputs, maxFiles: 100, maxBytes: 8 << 20 },
  });
}

/** How the subject is started without any sandbox. `PYTHONPATH` has to name {@link PACKAGES}. */
export async function bareCommands(): Promise<{ readonly [S in Subject]: readonly string[] }> {
  await using runner = await openForkServer();
  const python = runner.interpreter ?? "python3";
  const path = (subject: Subject) => `${FOLDER}${PROGRAMS[subject][1]}`;
  return {
    python: [python, "-I", "-S", "-B", path("python")],
    numpy: [python, "-s", "-S", "-B", path("numpy")],
    pandas: [python, "-s", "-S", "-B", path("pandas")],
    bash: ["/usr/bin/bash", path("bash")],
    javascript: [Deno.execPath(), "run", ...LEAN, "--cached-only", path("javascript")],
    python_files: [python, "-I", "-S", "-B", path("python")],
    bash_files: ["/usr/bin/bash", path("bash")],
  };
}
