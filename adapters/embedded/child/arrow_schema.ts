/** What a column, or a place within it, holds; `mixed` where rows differ, and then as text. */
export interface ArrowType {
  readonly kind: "integer" | "float" | "text" | "temporal" | "list" | "struct" | "other";
  /** Of a list's items. */
  readonly item?: ArrowType;
  readonly fields?: ReadonlyMap<string, ArrowType>;
}

/** The numbers that Arrow gives its types. */
const KINDS: Readonly<Record<number, ArrowType["kind"]>> = {
  2: "integer",
  3: "float",
  5: "text",
  8: "temporal",
  9: "temporal",
  10: "temporal",
  12: "list",
  13: "struct",
  20: "text",
  21: "list",
};

/** Where the first message's table begins: behind the mark of four bytes and the length. */
const MESSAGE = 8;

/** Duration is no type of Arrow that the engine uses; it is told by these fields. */
const DURATION = "days,months,nanos";

/** The columns' types, from the schema at the head of an Arrow IPC stream. */
export function arrowColumns(stream: Uint8Array): ArrowType[] {
  const bytes = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  const message = indirect(bytes, MESSAGE);
  const schema = field(bytes, message, 2);
  if (schema === null) return [];
  return fieldsAt(bytes, indirect(bytes, schema), 1).map(({ type }) => type);
}

function fieldsAt(
  bytes: DataView,
  table: number,
  index: number,
): { name: string; type: ArrowType }[] {
  const place = field(bytes, table, index);
  if (place === null) return [];
  const vector = indirect(bytes, place);
  return Array.from({ length: bytes.getUint32(vector, true) }, (_, at) => {
    return fieldAt(bytes, indirect(bytes, vector + 4 + 4 * at));
  });
}

function fieldAt(bytes: DataView, table: number): { name: string; type: ArrowType } {
  const name = field(bytes, table, 0);
  const number = field(bytes, table, 2);
  const kind = KINDS[number === null ? 0 : bytes.getUint8(number)] ?? "other";
  const children = fieldsAt(bytes, table, 5);
  return { name: name === null ? "" : textAt(bytes, name), type: typeOf(kind, children) };
}

function typeOf(
  kind: ArrowType["kind"],
  children: readonly { name: string; type: ArrowType }[],
): ArrowType {
  if (kind === "list") return { kind, item: children[0]?.type ?? { kind: "other" } };
  if (kind !== "struct") return { kind };
  const fields = new Map(children.map(({ name, type }) => [name, type]));
  return [...fields.keys()].sort().join() === DURATION ? { kind: "temporal" } : { kind, fields };
}

function textAt(bytes: DataView, place: number): string {
  const start = indirect(bytes, place);
  const length = bytes.getUint32(start, true);
  return new TextDecoder().decode(
    new Uint8Array(bytes.buffer, bytes.byteOffset + start + 4, length),
  );
}

function indirect(bytes: DataView, place: number): number {
  return place + bytes.getUint32(place, true);
}

/** The place of a table's field; `null` where it is left out. */
function field(bytes: DataView, table: number, index: number): number | null {
  const layout = table - bytes.getInt32(table, true);
  const at = 4 + 2 * index;
  if (at >= bytes.getUint16(layout, true)) return null;
  const offset = bytes.getUint16(layout + at, true);
  return offset === 0 ? null : table + offset;
}
