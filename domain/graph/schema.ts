import { INTERNAL_LABEL, KEY_PROPERTY } from "./names.ts";

/** A thing of a database's schema that the service needs: an index, or a constraint that brings one. */
export interface SchemaItem {
  /** Its name in the database. */
  readonly name: string;
  /** `unique`: no two nodes have the same values of these properties; it can be looked up by, too. */
  readonly kind: "unique" | "index";
  readonly label: string;
  readonly properties: readonly string[];
}

/** A step from one schema to the next. A step that has shipped is never changed: a change is a new step. */
export interface Migration {
  /** What it is recorded under: letters, digits and `_`. */
  readonly name: string;
  readonly adds: readonly SchemaItem[];
}

/** The schema of a database, oldest step first. */
export interface Schema {
  /** What the steps of this schema are recorded under, before their own names. */
  readonly name: "graph" | "records";
  readonly migrations: readonly Migration[];
}

/** What the graph's own database needs. */
export const GRAPH_SCHEMA: Schema = {
  name: "graph",
  migrations: [
    { name: "0001_node_key", adds: [unique("graph_node_key", INTERNAL_LABEL, KEY_PROPERTY)] },
  ],
};

/**
 * What the database of the records needs. Where a uniqueness constraint brings the index (`user_id`,
 * `role_name`) there is no second one: the database refuses it.
 */
export const RECORDS_SCHEMA: Schema = {
  name: "records",
  migrations: [
    {
      name: "0001_executions",
      adds: [
        unique("execution_result_id", "ExecutionResult", "id"),
        index("execution_result_timestamp", "ExecutionResult", "timestamp"),
        unique("result_piece_place", "ResultPiece", "result", "position"),
      ],
    },
    {
      name: "0002_audit",
      adds: [
        unique("audit_event_id", "AuditEvent", "event_id"),
        unique("audit_event_place", "AuditEvent", "instance", "sequence"),
        index("audit_event_type_timestamp", "AuditEvent", "event_type", "timestamp"),
        // With the time behind it, the newest of a user's events are found without sorting all of them.
        index("audit_user_id", "AuditEvent", "user_id", "timestamp"),
        index("audit_request_id", "AuditEvent", "request_id"),
        index("audit_timestamp", "AuditEvent", "timestamp"),
        unique("audit_chain_instance", "AuditChain", "instance"),
      ],
    },
    {
      name: "0003_identity",
      adds: [
        unique("user_id", "User", "user_id"),
        unique("role_name", "Role", "name"),
        unique("revoked_token_id", "RevokedToken", "id"),
        index("revoked_token_changed", "RevokedToken", "changed"),
      ],
    },
    {
      name: "0004_lint_and_tests",
      adds: [
        unique("lint_result_id", "LintResult", "id"),
        index("lint_result_hash", "LintResult", "code_hash"),
        unique("test_result_id", "TestResult", "id"),
        index("test_result_timestamp", "TestResult", "timestamp"),
      ],
    },
    {
      name: "0005_lapsed_revocations",
      adds: [index("revoked_token_until", "RevokedToken", "until")],
    },
    {
      name: "0006_executions_of_one",
      // With the id behind it, an owner's newest are found without sorting all of them.
      adds: [index("execution_result_owner", "ExecutionResult", "owner", "id")],
    },
  ],
};

/** Everything that a schema's steps have added. */
export function itemsOf({ migrations }: Schema): readonly SchemaItem[] {
  return migrations.flatMap(({ adds }) => adds);
}

function unique(name: string, label: string, ...properties: string[]): SchemaItem {
  return { name, kind: "unique", label, properties };
}

function index(name: string, label: string, ...properties: string[]): SchemaItem {
  return { name, kind: "index", label, properties };
}
