import { DomainError, type FieldFault } from "../errors.ts";
import { ensureWithinLimits } from "../input/limits.ts";
import { ensureDictStructure } from "../input/structure.ts";
import type { HtmlPolicy } from "../input/text.ts";
import { GraphCheck } from "./check.ts";
import type { QueryDraft } from "./draft.ts";
import type { GraphQuery } from "./query.ts";
import type { ParameterValue } from "./value.ts";

/** UTF-16 units of a statement at most. */
export const MAX_STATEMENT_LENGTH = 65_536;

/** Bounds of an answer's rows. */
export const ROW_LIMIT = { minimum: 1, maximum: 10_000, usual: 1000 } as const;

/** Bounds of a statement's time, in seconds. */
export const QUERY_SECONDS = { minimum: 0.1, maximum: 30, usual: 5 } as const;

const PARAMETERS = "/parameters";

/**
 * The query that a draft stands for: its bounds kept, its parameters of values that a parameter can
 * have. The statement is as it was sent: it is source code.
 *
 * @throws {DomainError} `validation_failed`.
 */
export function checkedQuery(draft: QueryDraft, html: HtmlPolicy): GraphQuery {
  const { statement, limit, timeoutSeconds } = draft;
  const expected = statementFault(statement);
  if (expected !== null) {
    const found = `a string of ${statement.length} characters`;
    throw failed({ pointer: "/cypher", expected, found });
  }
  ensureWithinLimits([
    { ...ROW_LIMIT, value: limit, whole: true, pointer: "/limit" },
    { ...QUERY_SECONDS, value: timeoutSeconds, whole: false, pointer: "/timeout_seconds" },
  ]);
  ensureDictStructure(draft.parameters, PARAMETERS);
  const check = new GraphCheck(html);
  const parameters = map(draft.parameters, PARAMETERS, check);
  check.finish();
  return { statement, parameters, limit, timeoutSeconds };
}

function statementFault(statement: string): string | null {
  const fits = statement.length >= 1 && statement.length <= MAX_STATEMENT_LENGTH;
  if (!fits) return `1 to ${MAX_STATEMENT_LENGTH} characters`;
  if (!statement.isWellFormed()) return "Unicode text without lone surrogates";
  return statement.includes("\0") ? "text without NUL" : null;
}

type ParameterMap = Readonly<Record<string, ParameterValue>>;

/** Recursion goes no deeper than `ensureDictStructure` has let it. */
function map(object: object, pointer: string, check: GraphCheck): ParameterMap {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => {
      const place = `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      if (name === "__proto__") {
        const expected = "another name: this one cannot be set";
        throw failed({ pointer: place, expected, found: "it" });
      }
      return [name, parameter(value, place, check)];
    }),
  );
}

function parameter(value: unknown, pointer: string, check: GraphCheck): ParameterValue {
  if (value === null) return null;
  if (Array.isArray(value)) {
    return value.map((item, at) => parameter(item, `${pointer}/${at}`, check));
  }
  return typeof value === "object" ? map(value, pointer, check) : check.scalar(value, pointer);
}

function failed(fault: FieldFault): DomainError {
  return new DomainError({ code: "validation_failed", errors: [fault] });
}
