import type { AuditFilter } from "../../../domain/ports/audit_log.ts";

/** Takes the lock of an instance's chain, and tells its end; made when it is not there. */
export const CHAIN = `MERGE (c:AuditChain {instance: $instance})
  ON CREATE SET c.sequence = 0, c.hash = $origin, c.through = 0
  SET c.asked = timestamp()
  RETURN c.sequence AS sequence, c.hash AS hash, c.number AS number, c.through AS through`;
/** Tells a chain's end, and what retention has taken. */
export const CHAIN_END = `MATCH (c:AuditChain {instance: $instance})
  RETURN c.sequence AS sequence, c.hash AS hash, c.through AS through, c.throughHash AS throughHash`;
/** Numbers are given under the lock of a node that all chains share. */
export const NUMBERS = `MERGE (n:AuditChain {instance: '_numbers'})
  SET n.last = coalesce(n.last, -1) + 1 RETURN n.last AS number`;
/** Writes a chain's end. */
export const END = `MATCH (c:AuditChain {instance: $instance})
  SET c.sequence = $sequence, c.hash = $hash, c.number = $number`;
/** Which of these events are there. */
export const KNOWN =
  `UNWIND $ids AS id MATCH (e:AuditEvent {event_id: id}) RETURN e.event_id AS id`;
/** Adds events. */
export const ADD = `UNWIND $rows AS row CREATE (e:AuditEvent) SET e = row`;
/** The hash of an event in its place. */
export const HASH_AT = `MATCH (e:AuditEvent {instance: $instance, sequence: $sequence})
  RETURN e.hash AS hash`;

/** The last event that a chain has, whatever its node says. */
export const LAST = `MATCH (e:AuditEvent) WHERE e.instance = $instance AND e.sequence >= 0
  RETURN e.sequence AS sequence, e.hash AS hash ORDER BY e.sequence DESC LIMIT 1`;

/** Events that go: a chain's oldest from before a time, up to the first that is not. */
export const OLDEST = `MATCH (e:AuditEvent) WHERE e.instance = $instance AND e.sequence > $after
  RETURN e.sequence AS sequence, e.hash AS hash, e.timestamp AS time ORDER BY e.sequence LIMIT 500`;
/** Writes what retention has taken. */
export const THROUGH = `MATCH (c:AuditChain {instance: $instance})
  SET c.through = $through, c.throughHash = $hash`;
/** Takes the oldest. */
export const REMOVE = `MATCH (e:AuditEvent) WHERE e.instance = $instance AND e.sequence <= $through
  WITH e ORDER BY e.sequence LIMIT 500 DELETE e RETURN count(*) AS count`;
/** A chain's events in order, for those who verify it. */
export const WALK = `MATCH (e:AuditEvent) WHERE e.instance = $instance AND e.sequence > $after
  RETURN e.sequence AS sequence, e.event AS event, e.hash AS hash,
    e {.event_id, .event_type, .timestamp, .user_id, .request_id, .place} AS searched
  ORDER BY e.sequence LIMIT 500`;

/** All chains, in the order of their instances. */
export const CHAINS = `MATCH (c:AuditChain) WHERE c.instance > $after AND c.instance <> '_numbers'
  RETURN c.instance AS instance, c.through AS through, c.throughHash AS throughHash
  ORDER BY c.instance LIMIT 100`;

/** The next instance that has events, whether it has a chain's node or not. */
export const NEXT_INSTANCE = `MATCH (e:AuditEvent) WHERE e.instance > $after AND e.sequence >= 0
  RETURN e.instance AS instance ORDER BY e.instance LIMIT 1`;

/** What stands in these places of a chain. */
export const IN_PLACES = `UNWIND $sequences AS place
  MATCH (e:AuditEvent {instance: $instance, sequence: place})
  RETURN e.sequence AS sequence, e.event AS event, e.hash AS hash`;

const CONDITIONS = {
  type: "e.event_type = $type AND ",
  userId: "e.user_id = $userId AND ",
  correlationId: "e.request_id = $correlationId AND ",
} as const;

/** The search for a filter: newest first, from a place on. */
export function searchFor(
  { type = null, userId = null, correlationId = null }: AuditFilter,
): string {
  const conditions = [
    type === null ? "" : CONDITIONS.type,
    userId === null ? "" : CONDITIONS.userId,
    correlationId === null ? "" : CONDITIONS.correlationId,
  ].join("");
  return `MATCH (e:AuditEvent) WHERE ${conditions}e.timestamp >= $from AND e.timestamp <= $time
  AND e.timestamp < $to AND (e.timestamp < $time OR e.place < $place)
  RETURN e.event AS event, e.sequence AS sequence, e.place AS place
  ORDER BY e.timestamp DESC, e.place DESC LIMIT $limit`;
}

const SEARCHES = [null, "x"].flatMap((userId) =>
  [null, "x"].flatMap((correlationId) =>
    ([null, "service_started"] as const).map((type) => searchFor({ userId, correlationId, type }))
  )
);

/** The statements of the audit, whose plans must use an index. */
export const AUDIT_STATEMENTS: readonly string[] = [
  ...[CHAIN, CHAIN_END, NUMBERS, END, KNOWN, ADD, HASH_AT, LAST, OLDEST, THROUGH, REMOVE, WALK],
  ...[CHAINS, NEXT_INSTANCE, IN_PLACES],
  ...SEARCHES,
];
