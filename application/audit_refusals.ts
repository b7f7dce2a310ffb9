import type { AuditFact } from "../domain/audit/event.ts";
import type { FieldFault } from "../domain/errors.ts";
import type { Permission, Role } from "../domain/identity/role.ts";
import type { PolicyFinding } from "../domain/policy/finding.ts";

/** A refusal as its problem has it: the code, and what some codes bring. */
export interface Refusal {
  readonly code: string;
  readonly permission?: Permission;
  /** The roles that were found. */
  readonly found?: unknown;
  readonly roles?: readonly Role[];
  readonly findings?: readonly PolicyFinding[];
  readonly errors?: readonly FieldFault[];
}

/** What each code counts as; a code that is not here is not kept. */
const KINDS: ReadonlyMap<string, "authentication" | "authorisation" | "rate" | "violation"> =
  new Map([
    ["unauthenticated", "authentication"],
    ["token_expired", "authentication"],
    ["token_revoked", "authentication"],
    ["forbidden", "authorisation"],
    ["not_owner", "authorisation"],
    ["rate_limited", "rate"],
    ["too_many_executions", "rate"],
    ["code_rejected", "violation"],
    ["malformed_request", "violation"],
    ["host_not_allowed", "violation"],
    ["origin_not_allowed", "violation"],
    ["unsafe_path", "violation"],
    ["audit_tail_lost", "violation"],
    ["audit_trimming_unknown", "violation"],
    ["audit_head_missing", "violation"],
    ["audit_head_unreadable", "violation"],
  ]);

/** Faults of a request's files by their name: a path that leads out of its folder is among them. */
const PATH_FAULT = /^\/(files\/\d+\/path|outputs\/\d+)$/;

/** The event of a refusal; `null` for one that the audit does not keep. */
export function refusalFact(refusal: Refusal, count: number): AuditFact | null {
  const code = refusalCode(refusal);
  switch (KINDS.get(code)) {
    case "authentication":
      return { type: "authentication_failed", details: { code, count } };
    case "authorisation":
      return {
        type: "authorisation_refused",
        details: { permission: refusal.permission ?? "owner", roles: rolesOf(refusal), count },
      };
    case "rate":
      return { type: "rate_limit_refused", details: { code, count } };
    case "violation":
      return { type: "violation", details: { code, rules: rulesOf(refusal), count } };
    case undefined:
      return null;
  }
}

/**
 * The one fact of refusals of one code: all roles and rules that one of them had, and `several` where
 * not all were for the same permission.
 */
export function mergedFact(one: AuditFact, other: AuditFact): AuditFact {
  if (one.type === "violation" && other.type === "violation") {
    const rules = union(one.details.rules, other.details.rules);
    return { ...one, details: { ...one.details, rules } };
  }
  if (one.type === "authorisation_refused" && other.type === "authorisation_refused") {
    const { permission } = one.details;
    const roles = union(one.details.roles, other.details.roles);
    const same = permission === other.details.permission;
    return {
      ...one,
      details: { ...one.details, permission: same ? permission : "several", roles },
    };
  }
  return one;
}

/** The code by which a refusal is kept. */
export function refusalCode({ code, errors = [] }: Refusal): string {
  const isPath = code === "validation_failed" &&
    errors.some(({ pointer }) => PATH_FAULT.test(pointer));
  return isPath ? "unsafe_path" : code;
}

function rolesOf({ roles, found }: Refusal): readonly Role[] {
  return roles ?? (Array.isArray(found) ? found : []);
}

/** In order and each once, so that the same program makes the same event. */
function rulesOf({ findings = [] }: Refusal): readonly string[] {
  return union(findings.map(({ rule }) => rule), []);
}

function union<Word extends string>(one: readonly Word[], other: readonly Word[]): Word[] {
  return [...new Set([...one, ...other])].sort();
}
