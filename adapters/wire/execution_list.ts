import { z } from "@hono/zod-openapi";
import { LANGUAGES } from "../../domain/execution/language.ts";
import { OUTCOMES } from "../../domain/execution/outcome.ts";
import type { ExecutionPage, ListedExecution, Page } from "../../domain/execution/summary.ts";

const MAX_LIMIT = 100;
const DEFAULT_LIMIT = 20;
const LIMIT = `a whole number from 1 to ${MAX_LIMIT}`;
const CURSOR = "the next_cursor of a page before";
const ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** The parameters of `GET /api/v1/executions`. */
export const executionListQuerySchema = z.strictObject({
  limit: z.coerce.number(LIMIT).int(LIMIT).min(1, LIMIT).max(MAX_LIMIT, LIMIT)
    .default(DEFAULT_LIMIT),
  cursor: z.string().max(64, CURSOR).refine((text) => idOf(text) !== null, CURSOR)
    .optional().meta({ description: "Where the page before ended: its `next_cursor`." }),
});

const summarySchema = z.object({
  id: z.uuid(),
  status: z.enum(["queued", "running", "done", "cancelled"]),
  language: z.enum(LANGUAGES),
  outcome: z.enum(OUTCOMES).nullable().meta({ description: "`null` until it has ended." }),
  created_at: z.string().meta({ format: "date-time", description: "When it was asked for." }),
  duration_seconds: z.number().nullable().meta({ description: "`null` until it has ended." }),
}).openapi("ExecutionSummary");

/** What `GET /api/v1/executions` answers. */
export const executionListSchema = z.object({
  executions: z.array(summarySchema).meta({ description: "Newest first." }),
  next_cursor: z.string().nullable().meta({ description: "`null` on the last page." }),
}).openapi("ExecutionList");

/** The page that a checked query stands for. */
export function executionPage(query: { limit: number; cursor?: string | undefined }): Page {
  const { limit, cursor } = query;
  return { limit, before: cursor === undefined ? null : idOf(cursor) };
}

/** A page as it crosses the wire. */
export function wireExecutionList(
  { executions, next }: ExecutionPage,
): z.output<typeof executionListSchema> {
  return {
    executions: executions.map(wireSummary),
    next_cursor: next === null ? null : cursorOf(next),
  };
}

function wireSummary(listed: ListedExecution): z.output<typeof summarySchema> {
  const { id, language, createdAt: created_at } = listed;
  if ("state" in listed) {
    const status = listed.state === "queued" ? "queued" : "running";
    return { id, status, language, outcome: null, created_at, duration_seconds: null };
  }
  const { outcome, durationSeconds: duration_seconds } = listed;
  const status = outcome === "cancelled" ? "cancelled" : "done";
  return { id, status, language, outcome, created_at, duration_seconds };
}

/** An id gives nothing to be escaped. It names a place and gives no right: every page is asked for as the first one is. */
function cursorOf(id: string): string {
  return btoa(id).replaceAll("=", "");
}

function idOf(cursor: string): string | null {
  if (!/^[A-Za-z\d]{48}$/.test(cursor)) return null;
  const id = atob(cursor);
  return ID.test(id) ? id : null;
}
