import { z } from "@hono/zod-openapi";
import { AUDIT_TYPES, type AuditType, type StoredAuditEvent } from "../../domain/audit/event.ts";
import type {
  AuditFilter,
  AuditPage,
  AuditPaging,
  AuditPosition,
} from "../../domain/ports/audit_log.ts";

const MAX_LIMIT = 1000;
const DEFAULT_LIMIT = 100;
const LIMIT = `a whole number from 1 to ${MAX_LIMIT}`;
const TIME =
  "a time in ISO 8601 with its offset, such as 2026-01-01T00:00:00.000Z, in the years 0000 to 9999 of UTC";
const USER = "1 to 256 characters";
const CORRELATION = "8 to 128 characters of A-Z a-z 0-9 . _ -";
const CURSOR = "the next_cursor of a page before";
/** An offset can lead out of them; what has a sign before its year sorts before all others. */
const YEAR_OF_FOUR_DIGITS = /^\d{4}-/;
const CURSOR_TEXT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\/(\d{1,15})$/;

/** A checked search of the audit. */
export interface AuditQuery {
  type?: AuditType | undefined;
  user_id?: string | undefined;
  correlation_id?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

/** The parameters of `GET /api/v1/audit`. */
export const auditQuerySchema = z.strictObject({
  type: z.enum(AUDIT_TYPES).optional(),
  user_id: z.string().min(1, USER).max(256, USER).optional(),
  correlation_id: z.string().regex(/^[A-Za-z0-9._-]{8,128}$/, CORRELATION).optional(),
  from: timeSchema("Events of this time and later."),
  to: timeSchema("Events before this time."),
  limit: z.coerce.number(LIMIT).int(LIMIT).min(1, LIMIT).max(MAX_LIMIT, LIMIT)
    .default(DEFAULT_LIMIT),
  cursor: z.string().max(128, CURSOR).refine((text) => positionOf(text) !== null, CURSOR)
    .optional().meta({ description: "Where the page before ended: its `next_cursor`." }),
});

const detailSchema = z.union([
  z.string(),
  z.number(),
  z.null(),
  z.array(z.string()).readonly(),
]);

const eventSchema = z.object({
  sequence: z.int().meta({ description: "Its place in the instance's chain, from 1." }),
  id: z.string(),
  type: z.enum(AUDIT_TYPES),
  time: z.string().meta({ description: "ISO 8601 UTC." }),
  user_id: z.string().nullable(),
  correlation_id: z.string().nullable(),
  address: z.string().nullable(),
  trace_id: z.string().optional().meta({ description: "Of the request's trace, if it had one." }),
  details: z.record(z.string(), detailSchema).meta({ description: "What its type brings." }),
}).openapi("AuditEvent");

/** An answer to a search. */
export const auditPageSchema = z.object({
  events: z.array(eventSchema).meta({ description: "Newest first." }),
  next_cursor: z.string().nullable().meta({ description: "`null` on the last page." }),
}).openapi("AuditPage");

/** The search that a checked query stands for. */
export function auditSearch(query: AuditQuery): AuditFilter & AuditPaging {
  return {
    type: query.type ?? null,
    userId: query.user_id ?? null,
    correlationId: query.correlation_id ?? null,
    from: utc(query.from),
    to: utc(query.to),
    limit: query.limit,
    after: query.cursor === undefined ? null : positionOf(query.cursor),
  };
}

/** A page as it crosses the wire. */
export function wireAuditPage({ events, next }: AuditPage): z.output<typeof auditPageSchema> {
  return { events: events.map(wireEvent), next_cursor: next === null ? null : cursorOf(next) };
}

function wireEvent(event: StoredAuditEvent): z.output<typeof eventSchema> {
  const { sequence, id, type, time, userId, correlationId, traceId, address, details } = event;
  return {
    sequence,
    id,
    type,
    time,
    user_id: userId,
    correlation_id: correlationId,
    address,
    ...(traceId !== undefined && { trace_id: traceId }),
    details: { ...details },
  };
}

function timeSchema(description: string) {
  return z.iso.datetime({ offset: true, error: TIME, abort: true })
    .refine((time) => YEAR_OF_FOUR_DIGITS.test(utcOf(time)), TIME)
    .optional().meta({ description });
}

function utc(time: string | undefined): string | null {
  return time === undefined ? null : utcOf(time);
}

function utcOf(time: string): string {
  return new Date(time).toISOString();
}

/** It names a place and gives no right: every page is asked for as the first one is. */
function cursorOf({ time, sequence }: AuditPosition): string {
  return btoa(`${time}/${sequence}`).replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_");
}

function positionOf(cursor: string): AuditPosition | null {
  if (!/^[\w-]{1,128}$/.test(cursor) || cursor.length % 4 === 1) return null;
  const text = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  const [, time, sequence] = CURSOR_TEXT.exec(text) ?? [];
  return time === undefined ? null : { time, sequence: Number(sequence) };
}
