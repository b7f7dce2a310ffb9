const COLUMNS = "id, owner, priority, facts, state, attempts, failure, ended_at";
const KNOWN = "(ended_at IS NULL OR ended_at > :gone)";
/** Every statement of the jobs in SQLite. `:gone`: what ended by then is known no more. */
export const JOB_STATEMENTS = {
  insert: `INSERT INTO jobs (id, owner, key, fingerprint, priority, facts, body, bytes, state)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'queued')`,
  find: `SELECT ${COLUMNS} FROM jobs WHERE id = :id AND ${KNOWN}`,
  findKey: `SELECT ${COLUMNS}, fingerprint FROM jobs
    WHERE owner = :owner AND key = :key AND ${KNOWN}`,
  freeKey: "UPDATE jobs SET key = NULL WHERE owner = ? AND key = ?",
  inHand: `SELECT count(*) AS count, coalesce(sum(bytes), 0) AS bytes FROM jobs
    WHERE owner = ? AND ended_at IS NULL`,
  // The index of what has not ended has them: cheaper than a look at each.
  ofAll: `SELECT count(*) AS count, coalesce(sum(bytes), 0) AS bytes FROM jobs
    WHERE ended_at IS NULL`,
  byState: `SELECT count(*) FILTER (WHERE state = 'queued') AS queued,
    count(*) FILTER (WHERE state = 'running') AS running FROM jobs WHERE ended_at IS NULL`,
  open: `SELECT ${COLUMNS} FROM jobs WHERE owner = :owner AND ended_at IS NULL
    AND (:before IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit`,
  stop: "UPDATE jobs SET stop = 1 WHERE id = ? AND state = 'running'",
  next: `SELECT id FROM jobs WHERE state = 'queued' AND ready_at <= ?
    ORDER BY priority, position LIMIT 1`,
  nextAt: "SELECT min(ready_at) AS at FROM jobs WHERE state = 'queued'",
  take: `UPDATE jobs SET state = 'running', attempts = attempts + 1 WHERE id = ?
    RETURNING ${COLUMNS}`,
  body: "SELECT body FROM jobs WHERE id = ?",
  stopped: "SELECT stop FROM jobs WHERE id = ?",
  release: `UPDATE jobs SET state = 'queued', ready_at = ?, attempts = attempts - ?
    WHERE id = ?`,
  end: `UPDATE jobs SET state = ?, failure = ?, ended_at = ? WHERE id = ? AND ended_at IS NULL`,
  dead: `SELECT ${COLUMNS} FROM jobs WHERE state = 'dead' AND ended_at > ?
    ORDER BY ended_at DESC, position DESC LIMIT ?`,
  forget: "DELETE FROM jobs WHERE ended_at <= ?",
  insertPiece: "INSERT INTO job_pieces (body, position, piece) VALUES (?, ?, ?)",
  findPiece: "SELECT piece FROM job_pieces WHERE body = ? AND position = ?",
  removePieces: "DELETE FROM job_pieces WHERE body = ?",
} as const;
