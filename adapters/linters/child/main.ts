/**
 * The process that reads texts: what hostile ones do to it, it does to nobody else. It answers each line of
 * standard input, a question, with a line of standard output, and ends with its input. Arguments: the file
 * of Ruff's module, and what that may take in memory, in bytes.
 */

import type { Outline } from "../../../domain/lint/report.ts";
import { told } from "../findings.ts";
import type { Question, Reading, Reply } from "../messages.ts";
import { outlineOf } from "../outline/outline.ts";
import { boundedOutline } from "./bounded_outline.ts";
import { loadRuff } from "./ruff.ts";

const [wasmPath = "", memory = "0"] = Deno.args;

/** A process that holds more than this after an answer, in bytes, makes room for a new one. */
const MOST_KEPT_BYTES = 288 * 1024 * 1024;

const NOTHING: Outline = {
  functions: [],
  classes: [],
  imports: [],
  complexity: 1,
  syntaxError: null,
};

const ruff = await loadRuff(wasmPath, Number(memory));

function readingOf({ language, code, pythonVersion }: Question): Reading {
  let deep = false;
  const shallow = <Done>(work: () => Done, otherwise: Done): Done => {
    try {
      return work();
    } catch (error) {
      // The engine's word for a stack that is full.
      if (!(error instanceof RangeError)) throw error;
      deep = true;
      return otherwise;
    }
  };
  const bounded = boundedOutline(shallow(() => outlineOf(language, code), NOTHING));
  const python = language === "python";
  const found = shallow(() => python ? ruff.check(code, pythonVersion) : [], []);
  const { findings, truncated } = told(found);
  const { outline } = bounded;
  return { outline, findings, truncated: truncated || bounded.truncated, tooDeep: deep };
}

function replyTo(question: Question): Reply {
  try {
    const reading = readingOf(question);
    // A module whose stack was cut off under it is not in order any more.
    const last = reading.tooDeep || Deno.memoryUsage().rss > MOST_KEPT_BYTES;
    return { kind: "read", reading, last };
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    return { kind: "memory" };
  }
}

async function tell(reply: Reply): Promise<void> {
  let rest = new TextEncoder().encode(`${JSON.stringify(reply)}\n`);
  while (rest.length > 0) rest = rest.subarray(await Deno.stdout.write(rest));
}

async function* lines(): AsyncGenerator<string> {
  let parts: string[] = [];
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const [first = "", ...others] = text.split("\n");
    parts.push(first);
    for (const other of others) {
      yield parts.join("");
      parts = [other];
    }
  }
}

await tell({ kind: "ready" });
for await (const line of lines()) {
  const reply = replyTo(JSON.parse(line));
  await tell(reply);
  if (reply.kind !== "read" || reply.last) break;
}
Deno.exit(0);
