import type { Language } from "../../domain/execution/language.ts";
import { openForkServer } from "../fixtures/fork_server.ts";

/** What is measured: a program that prints 1. */
export const SUBJECTS = ["python", "numpy", "pandas", "bash", "javascript"] as const;

/** One of {@link SUBJECTS}. */
export type Subject = (typeof SUBJECTS)[number];

const PROGRAMS: { readonly [S in Subject]: readonly [Language, file: string] } = {
  python: ["python", "one.py"],
  numpy: ["python", "with_numpy.py"],
  pandas: ["python", "with_pandas.py"],
  bash: ["bash", "one.sh"],
  javascript: ["javascript", "one.js"],
};
const FOLDER = new URL("./programs/", import.meta.url).pathname;
const LEAN = ["--no-prompt", "--no-config", "--no-lock", "--no-npm", "--no-remote", "--no-check"];

/** Where `deno task packages add numpy pandas` has put them, by the same settings as the service's. */
export const PACKAGES: string = Deno.env.get("PYTHON_PACKAGES_DIR") ??
  `${Deno.env.get("DATA_DIR") ?? `${Deno.cwd()}/data`}/python`;

/** The subject's program as a request has it. */
export function programFor(
  subject: Subject,
): { readonly language: Language; readonly code: string } {
  const [language, file] = PROGRAMS[subject];
  return { language, code: Deno.readTextFileSync(`${FOLDER}${file}`) };
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
  };
}
