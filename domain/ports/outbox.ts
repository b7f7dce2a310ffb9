/** Something that waits to be handed over. */
export interface Waiting {
  /** Rises with every entry, and is never used again. */
  readonly position: number;
  readonly id: string;
  readonly body: Uint8Array;
}

/**
 * What waits for a store that may be away: in the order in which it came, each id once.
 *
 * `put` resolves once the entry survives a `kill -9` of the service; it may wait to share a transaction
 * with others. An id that waits already is not put again: the first entry stays. An entry stays until
 * `drop`, so that whoever hands it over and dies before that hands it over again. All reject with
 * `dependency_unavailable` when the outbox cannot be used, also once it is closed.
 */
export interface Outbox extends AsyncDisposable {
  /** Entries that wait. */
  readonly waiting: number;
  /** The body is taken as it is when this is called. */
  put(id: string, body: Uint8Array): Promise<void>;
  /** `null`: nothing waits under this id. */
  find(id: string): Promise<Uint8Array | null>;
  /** The oldest entries after a position (0: from the first), one at least, and no more than so many bytes. */
  after(position: number, mostBytes: number): Promise<Waiting[]>;
  /** Removes all up to a position; `from`: those after that one only. */
  drop(through: number, from?: number): Promise<void>;
}

/** A few short texts beside an outbox, by name; they survive a `kill -9` of the service. */
export interface Notes {
  read(name: string): string | null;
  write(name: string, text: string): void;
}
