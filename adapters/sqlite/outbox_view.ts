import { DatabaseSync } from "node:sqlite";

const NOTE = "SELECT text FROM outbox_notes WHERE name = ?";
const BODIES = `SELECT body FROM outbox_entries WHERE outbox = ? ORDER BY position`;
const PIECES = "SELECT piece FROM outbox_pieces WHERE body = ? ORDER BY position";

/** What lies in a file of outboxes. */
export interface OutboxView {
  /** A note's text; `null`: there is none. */
  note(name: string): string | null;
  /** What waits in an outbox, as texts, in its order. */
  waiting(name: string): string[];
}

/** Looks into a file of outboxes that a service may have open; `null` where there is none. */
export async function viewOutbox<Seen>(
  path: string,
  look: (view: OutboxView) => Seen,
): Promise<Seen | null> {
  const isThere = await Deno.stat(path).then(() => true, (error) => {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  });
  if (!isThere) return null;
  using db = new DatabaseSync(path, { readOnly: true });
  db.exec("BEGIN");
  return look({
    note: (name) => {
      const row = db.prepare(NOTE).get(name);
      return row === undefined ? null : String(row["text"]);
    },
    waiting: (name) => db.prepare(BODIES).all(name).map(({ body }) => bodyOf(db, Number(body))),
  });
}

function bodyOf(db: DatabaseSync, body: number): string {
  const decoder = new TextDecoder();
  const pieces = db.prepare(PIECES).all(body);
  const texts = pieces.map(({ piece }) => decoder.decode(piece as Uint8Array, { stream: true }));
  return texts.join("") + decoder.decode();
}
