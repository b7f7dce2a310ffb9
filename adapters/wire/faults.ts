import type { z } from "@hono/zod-openapi";
import { DomainError, type FieldFault } from "../../domain/errors.ts";

const MAX_FAULTS = 20;
const MAX_POINTER_CHARACTERS = 160;
const MAX_FOUND_CHARACTERS = 80;

/** Fields whose value is never repeated: programs and their data can hold secrets. */
const CONFIDENTIAL = new Set<PropertyKey>(["code", "stdin", "args", "environment", "content"]);

type Issue = z.core.$ZodIssue;

/**
 * What a schema refused, as a domain error: one fault a place, at most 20.
 */
export function validationFailed(error: z.core.$ZodError, value: unknown): DomainError {
  const faults = new Map<string, FieldFault>();
  for (const issue of error.issues) {
    for (const fault of faultsOf(issue, value)) {
      if (faults.size < MAX_FAULTS && !faults.has(fault.pointer)) faults.set(fault.pointer, fault);
    }
  }
  return new DomainError({ code: "validation_failed", errors: [...faults.values()] });
}

/** What a schema refused in a value that stands at `path` of the body. */
export function faultsAt(
  error: z.core.$ZodError,
  value: unknown,
  path: readonly (string | number)[],
): FieldFault[] {
  const place = pointerOf(path);
  return error.issues.slice(0, MAX_FAULTS).flatMap((issue) => faultsOf(issue, value))
    .map((fault) => ({ ...fault, pointer: place + fault.pointer }));
}

function faultsOf(issue: Issue, root: unknown): FieldFault[] {
  if (issue.code !== "unrecognized_keys") {
    return [faultAt(issue.path, expectedBy(issue), root)];
  }
  const expected = "absent: there is no field of this name";
  return issue.keys.slice(0, MAX_FAULTS)
    .map((key) => faultAt([...issue.path, key], expected, root));
}

function faultAt(path: readonly PropertyKey[], expected: string, root: unknown): FieldFault {
  const confidential = path.some((part) => CONFIDENTIAL.has(part));
  return { pointer: pointerOf(path), expected, found: foundAt(path, root, confidential) };
}

function expectedBy(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return article(issue.expected);
    case "invalid_value":
      return `one of ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`;
    case "invalid_key":
      return issue.issues[0]?.message ?? issue.message;
    default:
      return issue.message;
  }
}

function article(type: string): string {
  if (type === "record") return "an object";
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}

function pointerOf(path: readonly PropertyKey[]): string {
  const pointer = path
    .map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
  return shortened(pointer, MAX_POINTER_CHARACTERS);
}

function foundAt(path: readonly PropertyKey[], root: unknown, confidential: boolean): string {
  let value = root;
  for (const part of path) {
    const inside = typeof value === "object" && value !== null && Object.hasOwn(value, part);
    if (!inside) return "nothing";
    value = (value as Readonly<Record<PropertyKey, unknown>>)[part];
  }
  return rendered(value, confidential);
}

function rendered(value: unknown, confidential: boolean): string {
  if (Array.isArray(value)) return `an array of ${counted(value.length, "item")}`;
  if (typeof value === "object" && value !== null) {
    return `an object of ${counted(Object.keys(value).length, "field")}`;
  }
  if (typeof value === "string" && (confidential || value.length > MAX_FOUND_CHARACTERS - 2)) {
    return `a string of ${counted(value.length, "character")}`;
  }
  if (confidential) return value === null ? "null" : article(typeof value);
  // JSON would show an infinite number as null.
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return shortened(text, MAX_FOUND_CHARACTERS);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
