import type { DeletionCounts } from "../domain/graph/batch.ts";
import type { BatchDraft, DeletionDraft, QueryDraft } from "../domain/graph/draft.ts";
import type { GraphMetrics } from "../domain/graph/metrics.ts";
import type { HtmlPolicy } from "../domain/input/text.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { GraphReader } from "../domain/ports/graph_reader.ts";
import type { GraphWriter } from "../domain/ports/graph_writer.ts";
import type { Audit } from "./audit_trail.ts";
import { deleteFromGraph } from "./delete_from_graph.ts";
import { exportGraph, type GraphExport } from "./export_graph.ts";
import { graphMetrics } from "./graph_metrics.ts";
import { describeLabel, graphSchema, type GraphShape, type LabelShape } from "./graph_schema.ts";
import { type GraphImport, importGraph, type ImportLine } from "./import_graph.ts";
import { type FoundRows, queryGraph } from "./query_graph.ts";
import type { RequestContext } from "./request_context.ts";
import { type UpsertedGraph, upsertGraph } from "./upsert_graph.ts";

/** What an inbound adapter may ask of the graph. Each rejects with a `DomainError` and nothing else. */
export interface GraphUseCases {
  upsertGraph(batch: BatchDraft, context: RequestContext): Promise<UpsertedGraph>;
  queryGraph(query: QueryDraft, context: RequestContext): Promise<FoundRows>;
  deleteFromGraph(deletion: DeletionDraft, context: RequestContext): Promise<DeletionCounts>;
  graphMetrics(context: RequestContext): Promise<GraphMetrics>;
  graphSchema(context: RequestContext): Promise<GraphShape>;
  describeLabel(label: string, context: RequestContext): Promise<LabelShape>;
  /** Rejects before anything is read where it cannot begin; later the entries do. */
  exportGraph(context: RequestContext): Promise<GraphExport>;
  importGraph(lines: AsyncIterable<ImportLine>, context: RequestContext): Promise<GraphImport>;
}

/** What the use cases of the graph work with. */
export interface GraphParts {
  /** With all that protects and keeps its calls round it. */
  readonly reader: GraphReader;
  readonly writer: GraphWriter;
  readonly audit: Audit;
  readonly clock: Clock;
  /** What is done with HTML in properties and parameters; imports take them as they are. */
  readonly html: HtmlPolicy;
  /** Gives other requests their turn. */
  readonly turn: () => Promise<void>;
}

/** The use cases of a graph. */
export function graphUseCases(parts: GraphParts): GraphUseCases {
  const asking: Pick<GraphUseCases, "queryGraph" | "graphMetrics"> = {
    queryGraph: (...asked) => queryGraph(parts, ...asked),
    graphMetrics: (context) => graphMetrics(parts, context),
  };
  return {
    ...asking,
    graphSchema: (context) => graphSchema(asking, context),
    describeLabel: (...asked) => describeLabel(asking, ...asked),
    upsertGraph: (...asked) => upsertGraph(parts, ...asked),
    deleteFromGraph: (...asked) => deleteFromGraph(parts, ...asked),
    exportGraph: (context) => exportGraph(parts, context),
    importGraph: (...asked) => importGraph(parts, ...asked),
  };
}
