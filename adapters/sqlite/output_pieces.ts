import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";

/** What a program wrote. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** UTF-16 units in a piece; writing one takes about a millisecond. */
const PIECE_LENGTH = 262_144;

const ERROR_STREAM = 1;

const INSERT = "INSERT INTO output_pieces (output, stream, position, piece) VALUES (?, ?, ?, ?)";
const FIND = "SELECT piece FROM output_pieces WHERE output = ? AND stream = ? AND position = ?";
const LAST = "SELECT coalesce(max(output), 0) AS last FROM output_pieces";
// What a record was never written for: its save was refused, or a kill came in between.
const DELETE_ORPHANS = `DELETE FROM output_pieces WHERE output NOT IN
  (SELECT output FROM execution_records WHERE output IS NOT NULL)`;

/**
 * Long outputs in pieces of their own: SQLite runs on the event loop's own thread, and one statement
 * with megabytes in it would hold that up.
 *
 * Every piece is a transaction. What no record has taken when the database is opened is deleted.
 */
export class OutputPieces {
  readonly #insert: StatementSync;
  readonly #find: StatementSync;
  #last: number;

  constructor(db: DatabaseSync) {
    db.exec(DELETE_ORPHANS);
    this.#insert = db.prepare(INSERT);
    this.#find = db.prepare(FIND);
    this.#last = Number(db.prepare(LAST).get()?.["last"]);
  }

  /** Whether an output is too long to be written at once. */
  isLong({ stdout, stderr }: Output): boolean {
    return stdout.length + stderr.length > PIECE_LENGTH;
  }

  /** Writes an output; resolves to the number under which it is found. */
  async write({ stdout, stderr }: Output): Promise<number> {
    this.#last += 1;
    const output = this.#last;
    for (const [stream, text] of [stdout, stderr].entries()) {
      for (const [position, piece] of cut(text).entries()) {
        await nextTurn();
        this.#insert.run(output, stream, position, encoded(piece));
      }
    }
    return output;
  }

  /** The output that was written under a number. */
  async read(output: number): Promise<Output> {
    return { stdout: await this.#read(output, 0), stderr: await this.#read(output, ERROR_STREAM) };
  }

  async #read(output: number, stream: number): Promise<string> {
    const pieces: string[] = [];
    const next = () => this.#find.get(output, stream, pieces.length)?.["piece"];
    for (let piece = next(); piece !== undefined; piece = next()) {
      pieces.push(decoded(piece));
      await nextTurn();
    }
    return pieces.join("");
  }
}

/** Surrogate pairs stay together, so that their pieces are still Unicode. */
function cut(text: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  while (start < text.length) {
    const end = start + PIECE_LENGTH;
    const isPair = end < text.length && (text.codePointAt(end - 1) ?? 0) > 0xffff;
    pieces.push(text.slice(start, isPair ? end - 1 : end));
    start = isPair ? end - 1 : end;
  }
  return pieces;
}

/** UTF-8; JSON where a lone surrogate makes that impossible, which the column's own type tells. */
function encoded(piece: string): Uint8Array | string {
  return piece.isWellFormed() ? new TextEncoder().encode(piece) : JSON.stringify(piece);
}

function decoded(piece: unknown): string {
  return piece instanceof Uint8Array
    ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(piece)
    : JSON.parse(String(piece));
}
