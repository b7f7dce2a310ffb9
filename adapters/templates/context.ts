/** Integers that the engine takes: those of 64 bits, with a sign and without. */
const LEAST = -(2n ** 63n);
const MOST = 2n ** 64n - 1n;

/**
 * A caller's values as the engine takes them: copies that have no prototype, so that a key such as
 * `__proto__` is a key and there is nothing behind it. Integers beyond 64 bits are their digits.
 */
export function engineContext(value: unknown): unknown {
  if (typeof value === "bigint") return value < LEAST || value > MOST ? String(value) : value;
  if (Array.isArray(value)) return value.map(engineContext);
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, inner] of Object.entries(value)) {
    Object.defineProperty(copy, key, { value: engineContext(inner), enumerable: true });
  }
  return copy;
}
