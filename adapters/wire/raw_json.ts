/** A value of an answer as JSON text is made of it. */
export type WireValue =
  | null
  | string
  | number
  | boolean
  | WireValue[]
  | { [name: string]: WireValue };

/** What makes JSON text of a text as it stands; TypeScript's own types do not have it yet. */
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => { rawJSON: string } };

/** A FLOAT so that it is read as one again: `1.0`, not `1`. What JSON has no number for is a string. */
export function floatJson(value: number): WireValue {
  if (!Number.isFinite(value)) return String(value);
  if (!Number.isInteger(value) || Math.abs(value) >= 1e21) return value;
  return rawJSON(Object.is(value, -0) ? "-0.0" : `${value}.0`);
}

/** An INTEGER that most readers take without loss: a string beyond 2^53. */
export function integerJson(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** An INTEGER with all its digits, for readers that take them. */
export function exactIntegerJson(value: bigint): WireValue {
  return rawJSON(String(value));
}
