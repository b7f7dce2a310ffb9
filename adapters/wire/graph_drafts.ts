import { setImmediate as nextTurn } from "node:timers/promises";
import type { z } from "@hono/zod-openapi";
import { DomainError, type FieldFault } from "../../domain/errors.ts";
import type { BatchDraft, DeletionDraft, QueryDraft } from "../../domain/graph/draft.ts";
import { faultsAt } from "./faults.ts";
import {
  type graphDeleteSchema,
  type GraphQueryRequest,
  type graphUpsertSchema,
  nodeSchema,
  relationshipIdentitySchema,
  relationshipSchema,
} from "./graph_schemas.ts";

/** Items that are checked in one turn of the event loop: about a millisecond. */
const ITEMS_A_TURN = 500;

const MAX_FAULTS = 20;

/**
 * A batch whose items have been found to be of their shape.
 *
 * @throws {DomainError} `validation_failed`.
 */
export async function batchDraft(
  { nodes, relationships }: z.output<typeof graphUpsertSchema>,
): Promise<BatchDraft> {
  return {
    nodes: await shaped(nodes, nodeSchema, "nodes"),
    relationships: await shaped(relationships, relationshipSchema, "relationships"),
  };
}

/** A deletion, likewise. @throws {DomainError} `validation_failed`. */
export async function deletionDraft(
  { nodes, relationships, detach }: z.output<typeof graphDeleteSchema>,
): Promise<DeletionDraft> {
  const wrong = nodes.findIndex((key) => typeof key !== "string");
  if (wrong !== -1) {
    throw failed([{ pointer: `/nodes/${wrong}`, expected: "a string", found: "none" }]);
  }
  return {
    nodes: nodes as string[],
    relationships: await shaped(relationships, relationshipIdentitySchema, "relationships"),
    detach,
  };
}

/** A query as the use case takes it. */
export function queryDraft(
  { cypher, parameters, limit, timeout_seconds: timeoutSeconds }: GraphQueryRequest,
): QueryDraft {
  return { statement: cypher, parameters, limit, timeoutSeconds };
}

async function shaped<Shape>(
  items: readonly unknown[],
  schema: z.ZodType<Shape>,
  list: string,
): Promise<Shape[]> {
  const done: Shape[] = [];
  const faults: FieldFault[] = [];
  for (const [at, item] of items.entries()) {
    if (at % ITEMS_A_TURN === ITEMS_A_TURN - 1) await nextTurn();
    const checked = schema.safeParse(item);
    if (checked.success) done.push(checked.data);
    else faults.push(...faultsAt(checked.error, item, [list, at]));
    if (faults.length >= MAX_FAULTS) break;
  }
  if (faults.length > 0) throw failed(faults.slice(0, MAX_FAULTS));
  return done;
}

function failed(errors: readonly FieldFault[]): DomainError {
  return new DomainError({ code: "validation_failed", errors });
}
