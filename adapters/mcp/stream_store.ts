import type { EventStore, JSONRPCMessage } from "@modelcontextprotocol/server";
import { charactersIn } from "../wire/patience.ts";

/** How long an answer is kept for a client that may not have got it whole. */
const KEPT_MS = 60_000;

/** The most messages that are kept of one stream. */
const MOST_KEPT = 64;

/** The most answers that are kept of one session. */
const MOST_ANSWERED = 32;

/** The stream that answers no request, as the SDK calls it. */
const STANDALONE = "_GET_stream";

/** Room for what is kept, shared by many sessions; in characters. */
export class KeepingRoom {
  #left: number;

  constructor(characters: number) {
    this.#left = characters;
  }

  /** Takes room, if there is so much. */
  take(characters: number): boolean {
    if (characters > this.#left) return false;
    this.#left -= characters;
    return true;
  }

  /** Gives room back. */
  free(characters: number): void {
    this.#left += characters;
  }
}

interface Kept {
  readonly sequence: number;
  readonly message: JSONRPCMessage;
  readonly size: number;
}

interface Stream<Caller> {
  readonly id: string;
  /** Whose request it answers; `null` where it answers none. */
  readonly caller: Caller | null;
  readonly kept: Kept[];
  answeredAt: number | null;
}

/** What a {@link StreamStore} works with. */
export interface StreamStoreParts<Caller> {
  readonly room: KeepingRoom;
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
  /** Whose request is being taken at the moment. */
  readonly taking: () => Caller | null;
  /** Told of each answer, by its request's id. */
  readonly answered: (id: string | number) => void;
  /** Characters that an answer to this caller has beside its own. */
  readonly sizeBeside: (caller: Caller) => number;
}

/**
 * What a client that lost a stream may still want of it: answers, and what the server asked. Of what only
 * tells, such as progress, nothing is kept: the answer has it. Bounded by messages, time and room; what
 * is not kept any more cannot be asked for.
 */
export class StreamStore<Caller> implements EventStore, Disposable {
  readonly #parts: StreamStoreParts<Caller>;
  readonly #streams = new Map<string, Stream<Caller>>();
  /** Those that have their answer, the earliest first. */
  readonly #answered = new Set<Stream<Caller>>();
  #sequence = 0;

  constructor(parts: StreamStoreParts<Caller>) {
    this.#parts = parts;
  }

  /** The SDK calls this before it writes any message, first with an empty one where a stream begins. */
  storeEvent(id: string, message: JSONRPCMessage): Promise<string> {
    const stream = this.#streams.get(id) ?? this.#begin(id, message);
    this.#sequence += 1;
    if ("id" in message || id === STANDALONE) this.#keep(stream, message);
    if (!("method" in message) && message.id !== undefined) this.#end(stream, message.id);
    return Promise.resolve(`${id}_${this.#sequence}`);
  }

  getStreamIdForEventId(eventId: string): Promise<string | undefined> {
    return Promise.resolve(this.#streams.get(placeOf(eventId).id)?.id);
  }

  async replayEventsAfter(
    lastEventId: string,
    { send }: { readonly send: (eventId: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const { id, sequence } = placeOf(lastEventId);
    for (const kept of this.#streams.get(id)?.kept ?? []) {
      if (kept.sequence > sequence) await send(`${id}_${kept.sequence}`, kept.message);
    }
    return id;
  }

  /** Whose stream an event was of: `null` of the standalone one, `undefined` of one that is not known. */
  callerOf(eventId: string): Caller | null | undefined {
    return this.#streams.get(placeOf(eventId).id)?.caller;
  }

  /** Forgets the stream of a request whose answer nobody wants. */
  forget(caller: Caller): void {
    for (const stream of this.#streams.values()) {
      if (stream.caller === caller) this.#drop(stream);
    }
  }

  /** Forgets what has been kept long enough. */
  sweep(): void {
    const before = this.#parts.monotonic() - KEPT_MS;
    for (const stream of this.#answered) {
      if ((stream.answeredAt ?? 0) > before) return;
      this.#drop(stream);
    }
  }

  [Symbol.dispose](): void {
    for (const stream of this.#streams.values()) this.#drop(stream);
  }

  #begin(id: string, message: JSONRPCMessage): Stream<Caller> {
    this.sweep();
    // Clients of earlier revisions are told of no beginning, and cannot ask for a stream again.
    const isPriming = Object.keys(message).length === 0;
    const caller = isPriming ? this.#parts.taking() : null;
    const stream = { id, caller, kept: [], answeredAt: null };
    if (isPriming || id === STANDALONE) this.#streams.set(id, stream);
    return stream;
  }

  #end(stream: Stream<Caller>, id: string | number): void {
    stream.answeredAt = this.#parts.monotonic();
    if (this.#streams.has(stream.id)) this.#answered.add(stream);
    const [first] = this.#answered;
    if (this.#answered.size > MOST_ANSWERED && first !== undefined) this.#drop(first);
    this.#parts.answered(id);
  }

  #keep(stream: Stream<Caller>, message: JSONRPCMessage): void {
    const { caller, kept } = stream;
    const size = charactersIn(message) + (caller === null ? 0 : this.#parts.sizeBeside(caller));
    if (kept.length === MOST_KEPT) this.#dropFirst(kept);
    if (this.#streams.has(stream.id) && this.#hasRoom(size)) {
      kept.push({ sequence: this.#sequence, message, size });
    } else {
      // What is left out must not be taken for what never was.
      this.#drop(stream);
    }
  }

  /** Takes room, that of answers which were kept longest if need be. */
  #hasRoom(size: number): boolean {
    const { room } = this.#parts;
    for (const stream of this.#answered) {
      if (room.take(size)) return true;
      this.#drop(stream);
    }
    return room.take(size);
  }

  #dropFirst(kept: Kept[]): void {
    const first = kept.shift();
    if (first !== undefined) this.#parts.room.free(first.size);
  }

  #drop(stream: Stream<Caller>): void {
    this.#streams.delete(stream.id);
    this.#answered.delete(stream);
    while (stream.kept.length > 0) this.#dropFirst(stream.kept);
  }
}

function placeOf(eventId: string): { id: string; sequence: number } {
  const at = eventId.lastIndexOf("_");
  return { id: eventId.slice(0, at), sequence: Number(eventId.slice(at + 1)) };
}
