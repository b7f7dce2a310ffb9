import type { OutputStream, RunWatcher } from "../../../domain/ports/execution_runner.ts";
import { newDecoder } from "./output_text.ts";

/** Whether a watcher wants to hear what the program writes. */
export function listens(watcher: RunWatcher | undefined): watcher is Required<RunWatcher> {
  return watcher?.wrote !== undefined;
}

/** What a watcher hears of one run: pieces of bytes in, text out, cut between characters only. */
export class HeardOutput {
  readonly #watcher: Required<RunWatcher>;
  readonly #decoders = { stdout: newDecoder(), stderr: newDecoder() };
  #heard = false;

  constructor(watcher: Required<RunWatcher>) {
    this.#watcher = watcher;
  }

  /** Whether anything has been heard: such a run cannot be run again unnoticed. */
  get heard(): boolean {
    return this.#heard;
  }

  /** Passes on a piece of one output. */
  hear(stream: OutputStream, piece: Uint8Array): Promise<void> | void {
    return this.#pass(stream, this.#decoders[stream].decode(piece, { stream: true }));
  }

  /** Passes on what is left of characters that were cut off by the end. */
  finish(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      this.#pass(stream, this.#decoders[stream].decode());
    }
  }

  #pass(stream: OutputStream, text: string): Promise<void> | void {
    this.#heard = true;
    if (text !== "") return this.#watcher.wrote(stream, text);
  }
}
