import { canonicalJson } from "../../domain/audit/canonical_json.ts";
import { isLintRecord } from "../../domain/lint/record.ts";
import { isRole } from "../../domain/identity/role.ts";
import type { ChainPlace, EntryTally, RecordsEntry } from "../../domain/records/entry.ts";

/** What the first line says: other formats, or later ones, are told by it. */
export const HEADER = { kind: "header", format: "ultimate-mcp records", version: 1 } as const;

/** What the last line says. */
export interface End {
  readonly kind: "end";
  readonly entries: EntryTally;
  /** Of all bytes before this line, 64 hexadecimal digits. */
  readonly sha256: string;
}

/**
 * The line of an entry: JSON, the contents of files in base64. The same entry makes the same line, whichever
 * store it comes from.
 */
export function entryLine(entry: RecordsEntry): string {
  if (entry.kind !== "execution") return `${canonicalJson(entry)}\n`;
  const files = entry.record.files.map(({ path, content }) => {
    return { path, content: content.toBase64() };
  });
  return `${canonicalJson({ ...entry, record: { ...entry.record, files } })}\n`;
}

/** The entry of a line's JSON. @throws {Error} that says what is wrong with it. */
export function entryOf(value: unknown): RecordsEntry {
  const { kind, ...rest } = fieldsOf(value);
  switch (kind) {
    case "execution":
      return { kind, record: recordOf(fieldsOf(rest["record"])) };
    case "tests":
      return { kind, record: testsOf(fieldsOf(rest["record"])) };
    case "lint": {
      const { record } = rest;
      if (!isLintRecord(record)) throw wrong("record");
      return { kind, record };
    }
    case "roles": {
      const { roles } = rest;
      if (!Array.isArray(roles) || !roles.every(isRole)) throw wrong("roles");
      return { kind, user: text(rest, "user"), roles };
    }
    case "revoked_token": {
      const { until } = rest;
      if (until !== null && !Number.isFinite(until)) throw wrong("until");
      return { kind, id: text(rest, "id"), until: until as number | null };
    }
    case "audit_chain": {
      const { checkpoint } = rest;
      const place = checkpoint === null ? null : placeOf(fieldsOf(checkpoint));
      return { kind, instance: text(rest, "instance"), checkpoint: place };
    }
    case "audit_event":
      return {
        kind,
        instance: text(rest, "instance"),
        event: text(rest, "event"),
        ...placeOf(rest),
      };
    default:
      throw wrong("kind");
  }
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  if (typeof value !== "object" || value === null) throw new Error("it is not a JSON object");
  return value as Fields;
}

function recordOf(fields: Fields): Extract<RecordsEntry, { kind: "execution" }>["record"] {
  for (const name of ["id", "owner", "correlationId", "language", "outcome", "createdAt"]) {
    text(fields, name);
  }
  for (const name of ["stdout", "stderr"]) text(fields, name);
  const { files } = fields;
  if (!Array.isArray(files)) throw wrong("files");
  const contents = files.map((file) => {
    const found = fieldsOf(file);
    return { path: text(found, "path"), content: Uint8Array.fromBase64(text(found, "content")) };
  });
  // The digest of the file says that this program has written it.
  return { ...fields, files: contents } as unknown as ReturnType<typeof recordOf>;
}

function testsOf(fields: Fields): Extract<RecordsEntry, { kind: "tests" }>["record"] {
  for (const name of ["id", "owner", "correlationId", "framework", "outcome", "createdAt"]) {
    text(fields, name);
  }
  if (!Array.isArray(fields["cases"])) throw wrong("cases");
  // The digest of the file says that this program has written it.
  return fields as unknown as ReturnType<typeof testsOf>;
}

function placeOf(fields: Fields): ChainPlace {
  const { sequence, hash } = fields;
  if (!Number.isSafeInteger(sequence) || Number(sequence) < 1) throw wrong("sequence");
  if (typeof hash !== "string" || !/^[0-9a-f]{64}$/.test(hash)) throw wrong("hash");
  return { sequence: Number(sequence), hash };
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== "string") throw wrong(name);
  return value;
}

function wrong(name: string): Error {
  return new Error(`'${name}' is not what an export has there`);
}
