import { LANGUAGES } from "../execution/language.ts";
import { chosen, FENCES_ARE_DATA, pasted, said } from "./arguments.ts";
import type { Prompt } from "./prompt.ts";

const TESTED_LANGUAGES = ["python", "javascript", "typescript"];
const LINTED_LANGUAGES = ["python", "javascript", "typescript", "bash"];

const runAndExplain: Prompt = {
  slug: "run-and-explain",
  title: "Run and explain a program",
  description: "Runs a program in the sandbox and explains what it did, from what was seen.",
  arguments: [
    chosen("language", "The program's language.", LANGUAGES),
    pasted("code", "The program."),
    said("question", "What is to be found out beside.", false),
  ],
  text: `Run this program and explain what it does.

{{code}}

1. Call \`execute_code\` with \`language\` \`{{language}}\` and the program, unchanged, as \`code\`. What it reads goes into \`stdin\`, \`args\`, \`environment\` or \`files\`; name in \`outputs\` the files that it is to bring back. It has no network, and nothing is kept between runs.
2. Look at \`outcome\` first. \`ok\` and \`nonzero\` are the program's own doing. With \`timeout\`, \`memory\`, \`cpu\` or \`output\` it was ended, and \`limit\` names the limit: raise it in \`limits\` (or \`timeout_seconds\`) only where the program's work really needs more.
3. Explain from what you saw, not from the source alone: what came on \`stdout\` and \`stderr\`, why it ended as it did, what it used (\`duration_seconds\`, \`memory_peak_bytes\`), and what of \`policy_findings\` is worth knowing.
{{#question}}
4. Answer this too. Where a small change or another input settles it, run that instead of guessing:

{{question}}
{{/question}}

${FENCES_ARE_DATA}`,
};

/** How a first version is tested, for languages that Deno runs. */
function testedByDeno(language: string, extension: string): string {
  return `{{#language=${language}}}
2. Call \`run_tests\` with \`language\` \`${language}\`, \`test_framework\` \`deno\`, the tests as \`code\` (Deno.test, "node:assert/strict"; nothing can be downloaded), and in \`files\` one whose \`path\` is "solution.${extension}" and that has only the signatures. The tests import from "./solution.${extension}".
{{/language}}
`;
}

const writeTestsThenCode: Prompt = {
  slug: "write-tests-then-code",
  title: "Write tests, then the code",
  description: "Turns a task into tests that fail, then into code that passes them.",
  arguments: [
    chosen("language", "The language to write in.", TESTED_LANGUAGES),
    said("task", "What is to be written."),
  ],
  text: `Write this in {{language}}, the tests first.

{{task}}

1. List the cases: the usual ones, the edges, what must be refused. Make a test of each, one behaviour a test, named by it.
{{#language=python}}
2. Call \`run_tests\` with \`language\` \`python\`, \`test_framework\` \`pytest\`, the tests as \`code\`, and in \`files\` one whose \`path\` is "solution.py" and that has only the signatures. The tests import from "solution".
{{/language}}
${testedByDeno("javascript", "js")}${
    testedByDeno("typescript", "ts")
  }3. See each test fail, and for the reason that you meant: \`cases\` has its \`outcome\` and \`message\`. A test that passes already tests nothing yet.
4. Write the least code that makes them pass, send it as the \`content\` of that file, and call \`run_tests\` again until \`counts.failed\` and \`counts.errors\` are 0. Never weaken a test to get there; if one was wrong, say so and why.
5. Call \`lint_code\` with the solution, mend what its \`findings\` say, and run the tests once more.
6. Answer with the code, the tests, the \`counts\` of the last run, and what no test covers.

${FENCES_ARE_DATA}`,
};

const debugFailure: Prompt = {
  slug: "debug-failure",
  title: "Debug a failure",
  description:
    "Reproduces a failure in the sandbox, finds its cause, and shows that the fix holds.",
  arguments: [
    chosen("language", "The program's language.", LANGUAGES),
    pasted("code", "The program that fails."),
    pasted("failure", "What was seen: an error, a trace, a wrong result.", false),
    {
      name: "execution",
      description: "The id of the run that failed, if it is kept here.",
      required: false,
      form: { kind: "execution" },
    },
  ],
  text: `Find out why this program fails, and mend it.

{{code}}
{{#failure}}

This was seen:

{{failure}}
{{/failure}}
{{#execution}}

The run that failed is the resource ultimate-mcp://executions/{{execution}}: read it first. Its \`outcome\`, \`limit\`, \`return_code\` and \`stderr\` say how it ended.
{{/execution}}

1. Reproduce it: call \`execute_code\` with \`language\` \`{{language}}\` and the program as \`code\`, with the same \`stdin\`, \`args\` and \`files\`. If it does not fail, find out what differs (network and files of the host are absent here) before you change anything.
2. Read \`outcome\`, \`signal\`, \`limit\` and \`stderr\`. One that was ended at a limit (\`timeout\`, \`memory\`, \`cpu\`, \`output\`) may have nothing on \`stderr\`: print how far it gets.
3. Make it smaller while it still fails. State one cause at a time, with the observation that would disprove it, and run the program that tells.
4. Mend the cause, not the symptom. Run the mended program on the failing input, on the usual one, and on one edge beside.
5. Answer with the cause (the line, and why it is wrong), the change, the runs that show it, and what you have not checked.

${FENCES_ARE_DATA}`,
};

const reviewCode: Prompt = {
  slug: "review-code",
  title: "Review code",
  description:
    "Reviews code by linting it, by its structure, and by runs that prove what is wrong.",
  arguments: [
    chosen("language", "The code's language.", LINTED_LANGUAGES),
    pasted("code", "The code."),
    said("concern", "What to look at above all.", false),
  ],
  text: `Review this code. Say nothing that you have not seen in the code or shown by a run.

{{code}}
{{#concern}}

Above all:

{{concern}}
{{/concern}}

1. Call \`lint_code\` with \`language\` \`{{language}}\` and the text as \`code\`. Take \`findings\` by \`severity\`, each with its \`line\` and \`rule\`; drop those that do not matter here, and say that you did. \`functions\`, \`classes\`, \`imports\` and \`complexity\` show where to look closer.
2. Read it for what no linter sees: wrong results at edges, errors that are swallowed, input that is trusted, work that grows too fast, names that mislead.
{{#language=python}}
3. Prove each fault that you suspect: the code in \`files\` of \`run_tests\` (\`test_framework\` \`pytest\`), a failing test as its \`code\`; or a small program for \`execute_code\` with the language \`python\`.
{{/language}}
{{#language=javascript}}
3. Prove each fault that you suspect: the code in \`files\` of \`run_tests\` (\`test_framework\` \`deno\`), a failing test as its \`code\`; or a small program for \`execute_code\` with the language \`javascript\`.
{{/language}}
{{#language=bash}}
3. Prove each fault that you suspect: a small program for \`execute_code\` with the language \`bash\`, the code in its \`files\`.
{{/language}}
{{#language=typescript}}
3. Prove each fault that you suspect: the code in \`files\` of \`run_tests\` (\`test_framework\` \`deno\`), a failing test as its \`code\`.
{{/language}}
4. Answer with a list, the worst first: the line, what is wrong, what shows it, the smallest change that mends it. Then what is good and should stay. If nothing is wrong, say that.

${FENCES_ARE_DATA}`,
};

/** Prompts about programs. */
export const CODE_PROMPTS: readonly Prompt[] = [
  runAndExplain,
  writeTestsThenCode,
  debugFailure,
  reviewCode,
];
