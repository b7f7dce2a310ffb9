/** Marks a text in JSON that stands for a value that JSON has no word for, or a text that begins so. */
const MARK = "~";

/** What each other text with the mark stands for. */
const NUMBERS: Readonly<Record<string, number>> = {
  "~-0": -0,
  "~NaN": NaN,
  "~Infinity": Infinity,
  "~-Infinity": -Infinity,
};

/**
 * Plain data as a text of JSON, from which {@link parseValue} makes the very same data: bigints, NaN, the
 * infinities, -0, lone surrogates and members called `__proto__` survive.
 */
export function valueText(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) => scalarText(member));
}

/**
 * The data of a {@link valueText}. It has the usual prototypes, whatever its members are called.
 *
 * @throws {SyntaxError} for any other text.
 */
export function parseValue(text: string): unknown {
  // Most data need no second look.
  if (!text.includes(`"${MARK}`)) return JSON.parse(text);
  return JSON.parse(text, (_name, member: unknown) => scalarOf(member));
}

function scalarText(value: unknown): unknown {
  switch (typeof value) {
    case "string":
      return value.startsWith(MARK) ? `${MARK}s${value}` : value;
    case "bigint":
      return `${MARK}n${value}`;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0) ? value : numberText(value);
    default:
      return value;
  }
}

function numberText(value: number): string {
  return Object.is(value, -0) ? `${MARK}-0` : `${MARK}${value}`;
}

function scalarOf(value: unknown): unknown {
  if (typeof value !== "string" || !value.startsWith(MARK)) return value;
  if (value.startsWith(`${MARK}s`)) return value.slice(2);
  if (/^~n-?\d+$/.test(value)) return BigInt(value.slice(2));
  const number = NUMBERS[value];
  if (number === undefined) throw new SyntaxError("Cannot read a value: found an unknown mark");
  return number;
}
