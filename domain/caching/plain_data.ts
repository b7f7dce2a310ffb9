/** Deeper than this is refused: copying goes as deep as the data. */
const MAX_DEPTH = 500;

/** About what an engine takes for an object or array itself, and for each of its members. */
const CONTAINER_BYTES = 48;
const MEMBER_BYTES = 16;
const SCALAR_BYTES = 16;

/** The copies made here, with their sizes: they are not copied again. */
const SIZES = new WeakMap<object, number>();

/** A copy that nobody can change, and about how many bytes it takes. */
export interface FrozenCopy<Value> {
  readonly value: Value;
  readonly bytes: number;
}

/**
 * Copies plain data: arrays and objects anew and frozen, texts and numbers shared, which nobody can change.
 *
 * @throws {TypeError} for anything that is not plain data: functions, symbols, `undefined`, instances of
 * classes, typed arrays, and data that refer to themselves or are nested 500 deep.
 */
export function frozenCopy<Value>(value: Value): FrozenCopy<Value> {
  const known = isObject(value) ? SIZES.get(value) : undefined;
  if (known !== undefined) return { value, bytes: known };
  const copier = new Copier();
  const copy = copier.copy(value, 0);
  if (isObject(copy)) SIZES.set(copy, copier.bytes);
  return { value: copy, bytes: copier.bytes };
}

class Copier {
  bytes = 0;

  copy<Value>(value: Value, depth: number): Value {
    if (!isObject(value)) {
      this.bytes += scalarBytes(value);
      return value;
    }
    if (depth > MAX_DEPTH) throw new TypeError(`Cannot copy: nested deeper than ${MAX_DEPTH}`);
    this.bytes += CONTAINER_BYTES;
    return Object.freeze(
      Array.isArray(value) ? this.#items(value, depth) : this.#members(value, depth),
    ) as Value;
  }

  #items(items: readonly unknown[], depth: number): unknown[] {
    this.bytes += MEMBER_BYTES * items.length;
    return Array.from(items, (item) => this.copy(item, depth + 1));
  }

  /** Members are defined, not assigned: one can be called `__proto__`. */
  #members(value: object, depth: number): object {
    requirePlain(value);
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => {
        this.bytes += MEMBER_BYTES + name.length;
        return [name, this.copy(member, depth + 1)];
      }),
    );
  }
}

/** Whether a value is an array or object. */
export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** @throws {TypeError} for an instance of a class. */
export function requirePlain(value: object): void {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return;
  throw notPlain(`an instance of ${String(prototype.constructor?.name ?? "a class")}`);
}

function scalarBytes(value: unknown): number {
  switch (typeof value) {
    case "string":
      return SCALAR_BYTES + 2 * value.length;
    case "bigint":
      return SCALAR_BYTES + value.toString(16).length / 2;
    case "number":
    case "boolean":
    case "object":
      return SCALAR_BYTES;
    default:
      throw notPlain(`a value of type ${typeof value}`);
  }
}

function notPlain(found: string): TypeError {
  return new TypeError(`Cannot copy: expected plain data, found ${found}`);
}
