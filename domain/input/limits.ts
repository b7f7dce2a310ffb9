import { DomainError, type FieldFault } from "../errors.ts";

/** The bounds of a number. */
export interface Bounds {
  readonly minimum: number;
  readonly maximum: number;
  /** Whether it must be a whole one. */
  readonly whole: boolean;
}

/** A number that a caller asks for, and where it stands. */
export interface BoundedValue extends Bounds {
  /** JSON pointer. */
  readonly pointer: string;
  readonly value: number;
}

/** @throws {DomainError} `validation_failed` naming every number out of its bounds at once. */
export function ensureWithinLimits(values: readonly BoundedValue[]): void {
  const errors = values.filter((value) => !isWithin(value)).map(faultOf);
  if (errors.length > 0) throw new DomainError({ code: "validation_failed", errors });
}

function isWithin({ value, minimum, maximum, whole }: BoundedValue): boolean {
  return value >= minimum && value <= maximum && (!whole || Number.isInteger(value));
}

function faultOf({ pointer, value, minimum, maximum, whole }: BoundedValue): FieldFault {
  const kind = whole ? "a whole number" : "a number";
  return { pointer, expected: `${kind} from ${minimum} to ${maximum}`, found: String(value) };
}
