import type { DatabaseSync } from "node:sqlite";
import { type AuditEvent, auditText } from "../../domain/audit/event.ts";
import type {
  AuditFilter,
  AuditLog,
  AuditPage,
  AuditPaging,
} from "../../domain/ports/audit_log.ts";
import { AuditChain, type ChainHead } from "./audit_chain.ts";
import { isKnownBy, lastCheckpoint } from "./audit_checkpoints.ts";
import { AuditSearch } from "./audit_search.ts";
import type { Database } from "./database.ts";
import { messageOf, unavailable } from "./unavailable.ts";

const DEPENDENCY = "audit";

/**
 * The audit log in SQLite: a chain of SHA-256, one an instance, written in the same transactions as
 * the records of runs. Closing it leaves the database open.
 */
export class SqliteAuditLog implements AuditLog {
  readonly #database: Database;
  readonly #chain: AuditChain;
  readonly #search: AuditSearch;
  #closed = false;

  constructor(database: Database) {
    this.#database = database;
    this.#chain = new AuditChain(database.db);
    this.#search = new AuditSearch(database.db);
  }

  /** Whose chain it is. */
  get instance(): string {
    return this.#chain.instance;
  }

  /** The chain's last event that is committed. */
  get head(): ChainHead {
    return this.#chain.head;
  }

  /** Whether the chain has this head, or had it before retention took it. */
  holds(head: ChainHead): boolean {
    return this.#chain.holds(head);
  }

  /** Whether events went by a trimming that is told of after this head, which the chain holds. */
  isTrimmedBeyond({ sequence }: ChainHead): boolean {
    const checkpoint = lastCheckpoint(this.#database.db);
    return checkpoint !== null && !isKnownBy(sequence, checkpoint);
  }

  append(event: AuditEvent): Promise<void> {
    const text = auditText(event);
    return this.#write(text, () => this.#chain.add(text));
  }

  /** Adds an event, and does what goes with it, in one transaction: both, or neither. */
  appendWith(event: AuditEvent, also: () => void): Promise<void> {
    const text = auditText(event);
    return this.#write(text, () => {
      const before = this.#chain.head;
      try {
        wholly(this.#database.db, () => {
          this.#chain.add(text);
          also();
        });
      } catch (error) {
        this.#chain.goBackTo(before);
        throw error;
      }
    });
  }

  #write(text: string, add: () => void): Promise<void> {
    if (this.#closed) return Promise.reject(closed());
    let before: ChainHead;
    return this.#database.writer.write({
      dependency: DEPENDENCY,
      length: text.length,
      run: () => {
        before = this.#chain.head;
        add();
      },
      undo: () => this.#chain.goBackTo(before),
    });
  }

  async search(filter: AuditFilter, paging: AuditPaging): Promise<AuditPage> {
    if (this.#closed) throw closed();
    try {
      return await this.#search.find(filter, paging);
    } catch (error) {
      throw unavailable(DEPENDENCY, messageOf(error), error);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) this.#database.writer.drain();
    this.#closed = true;
    return Promise.resolve();
  }
}

/** Several statements of one write, within the transaction of others or in one of their own. */
function wholly(db: DatabaseSync, work: () => void): void {
  db.exec("SAVEPOINT whole");
  try {
    work();
    db.exec("RELEASE whole");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK TO whole; RELEASE whole");
    throw error;
  }
}

function closed() {
  return unavailable(DEPENDENCY, "the log is closed");
}
