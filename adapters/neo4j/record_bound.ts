import { Buffer } from "node:buffer";
import channelBuffer from "neo4j-driver-bolt-connection/lib/channel/channel-buf.js";
import chunking from "neo4j-driver-bolt-connection/lib/channel/chunking.js";
import { tooLargeAnswer } from "../../domain/graph/answer_bounds.ts";
import { type Excess, RecordSize } from "./record_size.ts";

/** Messages of Bolt up to so many bytes are not looked at. */
const LARGE_BYTES = 4096;
/** What is no record is never so large; whoever sends it is left. */
const MOST_OTHER_BYTES = 64 * 1024 * 1024;
/** The first bytes of a record: a structure of one field with this signature. */
const RECORD = 0x71;
const RECORD_HEAD = 2;

/** What the driver keeps bytes in, as far as it is used here. */
interface WireBuffer {
  readonly length: number;
  position: number;
  getUInt8(at: number): number;
  writeBytes(bytes: WireBuffer): void;
}

/** The driver's class that puts messages together, as far as it is used here. */
interface Dechunker {
  /** The chunks of the message that is being put together. */
  _currentMessage: WireBuffer[];
  onmessage(message: WireBuffer): void;
  /** Called before each chunk with its size, and with 0 after a message's last; gives what comes next. */
  _onHeader(size: number): unknown;
}

const { Dechunker } = chunking as unknown as { readonly Dechunker: { prototype: Dechunker } };
const Bytes = channelBuffer as unknown as {
  readonly default: new (bytes: number | Buffer) => WireBuffer;
};
const announced = Dechunker.prototype._onHeader;

let connections = 0;

/** How many connections to databases have been made in this process. */
export function connectionsMade(): number {
  return connections;
}

/** Rows whose first column has this value are handed over whatever their size. Nobody else knows it. */
export const WHOLE: string = crypto.randomUUID();

/**
 * Keeps one connection's records within the bounds of an answer.
 *
 * The driver decodes a record in one go, for minutes where it is a list of millions, and nothing else is
 * done in the process meanwhile. So a record is measured as its chunks come. One that is too large is dropped
 * with what follows of its result, and the driver is told that the database had failed instead.
 */
class Inflow {
  /** Of the message that is being put together: its bytes, and its chunks that were measured. */
  #bytes = 0;
  #chunks = 0;
  /** Of the large records of one result together: whoever asked for them is not so quick to leave. */
  #size: RecordSize | null = null;
  /** The rest of a refused result is dropped, up to the message that ends it. */
  #refused = false;

  /** Before a chunk, or after the last one of a message. */
  heed(dechunker: Dechunker, size: number): void {
    this.#bytes += size;
    if (size === 0 && this.#size !== null) this.#endResult(dechunker._currentMessage);
    if (this.#refused) this.#drop(dechunker, size);
    else if (this.#bytes > LARGE_BYTES) this.#measure(dechunker, size);
    if (size > 0) return;
    this.#bytes = 0;
    this.#chunks = 0;
    this.#size?.endRecord();
  }

  #endResult(chunks: readonly WireBuffer[]): void {
    if (chunks.length > 0 && !isRecord(chunks)) this.#size = null;
  }

  #drop(dechunker: Dechunker, size: number): void {
    const { _currentMessage: chunks } = dechunker;
    if (size === 0 && chunks.length > 0 && !isRecord(chunks)) this.#refused = false;
    // How it begins tells what it is.
    dechunker._currentMessage = size === 0 ? [] : head(chunks);
  }

  #measure(dechunker: Dechunker, size: number): void {
    const { _currentMessage: chunks } = dechunker;
    if (!isRecord(chunks)) {
      if (this.#bytes > MOST_OTHER_BYTES) this.#leave(dechunker);
      return;
    }
    if (!isWhole(chunks)) {
      this.#size ??= new RecordSize();
      for (const chunk of chunks.slice(this.#chunks)) {
        this.#size.add((at) => chunk.getUInt8(at), chunk.length);
      }
      this.#chunks = chunks.length;
      if (this.#size.over !== null) return this.#refuse(dechunker, this.#size.over, size);
    }
    if (size === 0) dechunker._currentMessage = [joined(chunks)];
  }

  #refuse(dechunker: Dechunker, over: Excess, size: number): void {
    this.#refused = true;
    dechunker._currentMessage = size === 0 ? [] : head(dechunker._currentMessage);
    dechunker.onmessage(failure(over));
  }

  /** The driver leaves a connection on which it reads what it does not understand. */
  #leave(dechunker: Dechunker): void {
    this.#refused = true;
    dechunker._currentMessage = [];
    dechunker.onmessage(new Bytes.default(Buffer.from([0xdf])));
  }
}

const inflows = new WeakMap<Dechunker, Inflow>();

Dechunker.prototype._onHeader = function heeded(this: Dechunker, size: number): unknown {
  let inflow = inflows.get(this);
  if (inflow === undefined) {
    connections += 1;
    inflow = new Inflow();
    inflows.set(this, inflow);
  }
  inflow.heed(this, size);
  return announced.call(this, size);
};

function isRecord(chunks: readonly WireBuffer[]): boolean {
  return bytesOf(chunks, RECORD_HEAD)[1] === RECORD;
}

const WHOLE_TEXT = new TextEncoder().encode(WHOLE);

/** Whether a record of a few columns has {@link WHOLE} in the first. */
function isWhole(chunks: readonly WireBuffer[]): boolean {
  // After the record's own head that of the list of columns, and the marker and the size of the text.
  const at = RECORD_HEAD + 3;
  const bytes = bytesOf(chunks, at + WHOLE_TEXT.length);
  return WHOLE_TEXT.every((byte, index) => bytes[at + index] === byte);
}

/** The first bytes of a message, at most so many. */
function bytesOf(chunks: readonly WireBuffer[], count: number): number[] {
  const bytes: number[] = [];
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length && bytes.length < count; at += 1) {
      bytes.push(chunk.getUInt8(at));
    }
    if (bytes.length === count) break;
  }
  return bytes;
}

/** The chunks with which a message begins, as much as tells what it is. */
function head(chunks: readonly WireBuffer[]): WireBuffer[] {
  const bytes = bytesOf(chunks, RECORD_HEAD);
  return bytes.length === 0 ? [] : [new Bytes.default(Buffer.from(bytes))];
}

/** One piece of memory: in many the driver looks for each byte's piece from the first. */
function joined(chunks: readonly WireBuffer[]): WireBuffer {
  const whole = new Bytes.default(chunks.reduce((sum, { length }) => sum + length, 0));
  for (const chunk of chunks) {
    chunk.position = 0;
    whole.writeBytes(chunk);
  }
  whole.position = 0;
  return whole;
}

/** What a database sends that has failed, in each version of the protocol. */
function failure(over: Excess): WireBuffer {
  const code = "Neo.ClientError.Statement.AnswerTooLarge";
  const fields = { code, neo4j_code: code, message: tooLargeAnswer(over), gql_status: "50N42" };
  const entries = Object.entries({ ...fields, description: "an answer that is too large" });
  const bytes = entries.flatMap(([name, value]) => [...packed(name), ...packed(value)]);
  return new Bytes.default(Buffer.from([0xb1, 0x7f, 0xa0 | entries.length, ...bytes]));
}

/** A text of less than 65,536 bytes as PackStream has it. */
function packed(text: string): number[] {
  const bytes = new TextEncoder().encode(text);
  return [0xd1, bytes.length >>> 8, bytes.length & 0xff, ...bytes];
}
