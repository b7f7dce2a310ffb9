import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { OutputFile } from "../../domain/execution/files.ts";
import type { ExecutionRecord } from "../../domain/execution/outcome.ts";

/** A record's texts and files: what can be long. */
type Output = Pick<ExecutionRecord, "stdout" | "stderr" | "files">;

/** A file whose content stands elsewhere, after those of the files before it. */
interface FileNote {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
}

/** UTF-16 units in a piece; writing one takes about a millisecond. */
const PIECE_LENGTH = 262_144;

const [OUTPUT_STREAM, ERROR_STREAM, FILES_STREAM] = [0, 1, 2];

const INSERT = "INSERT INTO output_pieces (output, stream, position, piece) VALUES (?, ?, ?, ?)";
const FIND = "SELECT piece FROM output_pieces WHERE output = ? AND stream = ? AND position = ?";
const LAST = "SELECT coalesce(max(output), 0) AS last FROM output_pieces";
// What a record was never written for: its save was refused, or a kill came in between.
const DELETE_ORPHANS = `DELETE FROM output_pieces WHERE output NOT IN
  (SELECT output FROM execution_records WHERE output IS NOT NULL)`;

/** The JSON form of a record; its texts and the contents of its files only when they stand there too. */
export function jsonOf(record: ExecutionRecord, inPieces: boolean): string {
  if (!inPieces) return JSON.stringify(record);
  const files = record.files.map(({ path, content }): FileNote => ({ path, size: content.length }));
  return JSON.stringify({ ...record, stdout: "", stderr: "", files });
}

/**
 * Long outputs, and all files, in pieces of their own: SQLite runs on the event loop's own thread, and one statement
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

  /** Whether an output cannot be in a record's JSON form. */
  isLong({ stdout, stderr, files }: Output): boolean {
    return stdout.length + stderr.length > PIECE_LENGTH || files.length > 0;
  }

  /** Writes an output; resolves to the number under which it is found. */
  async write({ stdout, stderr, files }: Output): Promise<number> {
    this.#last += 1;
    const output = this.#last;
    for (const [stream, pieces] of [cut(stdout), cut(stderr), gathered(files)].entries()) {
      let position = 0;
      for (const piece of pieces) {
        await nextTurn();
        this.#insert.run(output, stream, position, encoded(piece));
        position += 1;
      }
    }
    return output;
  }

  /** A record with the output that was written under a number. */
  async read(output: number, record: ExecutionRecord): Promise<ExecutionRecord> {
    const [stdout, stderr] = [
      (await this.#read(output, OUTPUT_STREAM)).map(decoded).join(""),
      (await this.#read(output, ERROR_STREAM)).map(decoded).join(""),
    ];
    const notes = record.files as readonly unknown[] as readonly FileNote[];
    const contents = await this.#read(output, FILES_STREAM);
    return { ...record, stdout, stderr, files: parted(contents as Uint8Array[], notes) };
  }

  async #read(output: number, stream: number): Promise<unknown[]> {
    const pieces: unknown[] = [];
    const next = () => this.#find.get(output, stream, pieces.length)?.["piece"];
    for (let piece = next(); piece !== undefined; piece = next()) {
      pieces.push(piece);
      await nextTurn();
    }
    return pieces;
  }
}

/** The contents of all files, one after the other, in pieces. */
function* gathered(files: ExecutionRecord["files"]): Generator<Uint8Array> {
  let piece = new Uint8Array(PIECE_LENGTH);
  let used = 0;
  for (const { content } of files) {
    for (let at = 0; at < content.length;) {
      const part = content.subarray(at, at + PIECE_LENGTH - used);
      piece.set(part, used);
      at += part.length;
      used += part.length;
      if (used === PIECE_LENGTH) {
        yield piece;
        piece = new Uint8Array(PIECE_LENGTH);
        used = 0;
      }
    }
  }
  if (used > 0) yield piece.subarray(0, used);
}

/** Files whose contents stand one after the other in pieces. */
function parted(pieces: readonly Uint8Array[], notes: readonly FileNote[]): OutputFile[] {
  const whole = new Uint8Array(notes.reduce((sum, { size }) => sum + size, 0));
  let end = 0;
  for (const piece of pieces) {
    whole.set(piece, end);
    end += piece.length;
  }
  let at = 0;
  return notes.map(({ path, size }) => ({ path, content: whole.subarray(at, at += size) }));
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
function encoded(piece: string | Uint8Array): Uint8Array | string {
  if (typeof piece !== "string") return piece;
  return piece.isWellFormed() ? new TextEncoder().encode(piece) : JSON.stringify(piece);
}

function decoded(piece: unknown): string {
  return piece instanceof Uint8Array
    ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(piece)
    : JSON.parse(String(piece));
}
