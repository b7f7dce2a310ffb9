import { z } from "@hono/zod-openapi";
import { LANGUAGES } from "../../domain/execution/language.ts";
import { type FoundExecution, isJob, type Job, JOB_STATES } from "../../domain/execution/job.ts";
import type { ExecutionRecord } from "../../domain/execution/outcome.ts";
import { wireExecution } from "./execution.ts";
import { problemOf, problemSchema } from "./problem.ts";
import { executionSchema } from "./schemas.ts";

const MAX_LIMIT = 1000;
const DEFAULT_LIMIT = 100;
const LIMIT = `a whole number from 1 to ${MAX_LIMIT}`;
const KEY = "1 to 255 visible ASCII characters";

const statusSchema = z.enum(JOB_STATES).meta({
  description:
    "`dead`: it could not be run, and `problem` says why. A program that fails is `done`.",
});
const attemptsSchema = z.int().nonnegative().meta({ description: "How often it was begun." });

/** The header by which a request may be sent again. */
export const idempotencySchema = z.object({
  "idempotency-key": z.string().regex(/^[!-~]{1,255}$/, KEY).optional().meta({
    description: `A name of the caller's own for this request, ${KEY}: sent again with it, it is ` +
      "queued once only.",
  }),
});

/** A job, as whoever has queued or cancelled it is told. */
export const ticketSchema = z.object({ id: z.uuid(), status: statusSchema })
  .openapi("ExecutionTicket");

/** A run of which there is no record, or none yet. */
export const standingSchema = z.object({
  id: z.uuid(),
  status: statusSchema,
  language: z.enum(LANGUAGES),
  created_at: z.string().meta({ format: "date-time" }),
  ended_at: z.string().meta({ format: "date-time" }).nullable(),
  attempts: attemptsSchema,
  problem: problemSchema.optional(),
}).openapi("ExecutionStanding");

/** A stored run. */
export const storedExecutionSchema = executionSchema.extend({
  status: z.enum(["done", "cancelled"]).optional().meta({
    description: "Of a run that was queued; the others were answered when they had ended.",
  }),
  attempts: attemptsSchema.optional(),
}).openapi("StoredExecution");

/** What `GET /api/v1/executions/{id}` answers. */
export const foundExecutionSchema = z.union([storedExecutionSchema, standingSchema]);

/** The parameters of `GET /api/v1/executions/dead`. */
export const deadQuerySchema = z.strictObject({
  limit: z.coerce.number(LIMIT).int(LIMIT).min(1, LIMIT).max(MAX_LIMIT, LIMIT)
    .default(DEFAULT_LIMIT),
});

/** Jobs that could not be run. */
export const deadSchema = z.object({
  executions: z.array(standingSchema.extend({
    user_id: z.string(),
    correlation_id: z.string(),
  })).meta({ description: "The last first." }),
});

/** What is told of a job to whoever has queued or cancelled it. */
export function wireTicket(found: FoundExecution): z.output<typeof ticketSchema> {
  return { id: found.id, status: isJob(found) ? found.state : statusOf(found) };
}

/** A job as its owner sees it while there is no record. */
export function wireStanding(job: Job): z.output<typeof standingSchema> {
  const { id, state: status, language, createdAt, endedAt, attempts, failure } = job;
  const standing = { id, status, language, created_at: createdAt, ended_at: endedAt, attempts };
  if (failure === null) return standing;
  const request = { correlationId: job.correlationId, instance: `/api/v1/executions/${id}` };
  return { ...standing, problem: problemOf(failure, request) };
}

/** A stored run as its owner sees it. */
export async function wireStored(
  record: ExecutionRecord,
): Promise<z.output<typeof storedExecutionSchema>> {
  const { attempts } = record;
  const stored = await wireExecution(record);
  return attempts === undefined ? stored : { ...stored, status: statusOf(record), attempts };
}

/** Jobs that could not be run, as an admin sees them. */
export function wireDead(jobs: readonly Job[]): z.output<typeof deadSchema> {
  const executions = jobs.map((job) => ({
    ...wireStanding(job),
    user_id: job.owner,
    correlation_id: job.correlationId,
  }));
  return { executions };
}

function statusOf({ outcome }: ExecutionRecord): "done" | "cancelled" {
  return outcome === "cancelled" ? "cancelled" : "done";
}
