/** A child process of a test, ended with SIGKILL at the latest when it is disposed of. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** The next line of standard output; `null` at its end. */
  line(): Promise<string | null>;
  /** Ends the process with SIGKILL and gives every whole line it had still written. */
  kill(): Promise<string[]>;
}

/** Runs a program of this folder with read and write access to one directory, and nothing else. */
export function spawnProgram(program: string, directory: string, argument: string): Child {
  const child = new Deno.Command("deno", {
    args: [
      "run",
      "--no-prompt",
      "--cached-only",
      `--allow-read=${directory}`,
      `--allow-write=${directory}`,
      new URL(program, import.meta.url).href,
      argument,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  return childOf(child);
}

function childOf(child: Deno.ChildProcess): Child {
  const lines = linesOf(child.stdout);
  let ended = false;
  async function kill(): Promise<string[]> {
    if (ended) return [];
    ended = true;
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    const rest = await Array.fromAsync(lines);
    await child.status;
    return rest;
  }
  return {
    pid: child.pid,
    line: async () => (await lines.next()).value ?? null,
    kill,
    [Symbol.asyncDispose]: async () => void await kill(),
  };
}

/** Whole lines only: what stands after the last line feed may have been cut off by the kill. */
async function* linesOf(bytes: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  let text = "";
  for await (const chunk of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (text + chunk).split("\n");
    text = lines.pop() ?? "";
    yield* lines;
  }
  return undefined;
}
