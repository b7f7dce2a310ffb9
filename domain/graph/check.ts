import { DomainError, type FieldFault, isFailure } from "../errors.ts";
import { isNodeKey } from "../input/names.ts";
import { type HtmlPolicy, sanitizeString } from "../input/text.ts";
import type { NodeUpsert, PropertyChanges, RelationshipUpsert } from "./batch.ts";
import type { NodeDraft, RelationshipDraft } from "./draft.ts";
import { type GraphNameKind, nameFault } from "./names.ts";
import type { PropertyScalar, PropertyValue } from "./value.ts";

/** Labels of a node, properties of one thing, items of a list, and UTF-16 units of a text, at most. */
export const MAX_LABELS = 64;
export const MAX_PROPERTIES = 1000;
export const MAX_LIST_ITEMS = 10_000;
export const MAX_TEXT_LENGTH = 1_048_576;

const MAX_FAULTS = 20;

/** Values after which others have their turn: about two milliseconds. */
const VALUES_A_TURN = 5000;

const KEY = "1 to 64 letters, digits, _ : and -, a letter or _ first";
const MIN_INTEGER = -(2n ** 63n);
const MAX_INTEGER = 2n ** 63n - 1n;

/**
 * Holds what callers send for the graph against its rules, one thing after another, and gathers what is
 * wrong. What it lets through is exactly what was sent, but for the entities that `html` may ask for.
 */
export class GraphCheck {
  readonly #html: HtmlPolicy;
  readonly #faults: FieldFault[] = [];
  #values = 0;

  constructor(html: HtmlPolicy) {
    this.#html = html;
  }

  /** Whether so much is wrong that there is no need to look further. */
  get isFull(): boolean {
    return this.#faults.length >= MAX_FAULTS;
  }

  /** What was wrong so far, twenty faults at most. */
  get faults(): readonly FieldFault[] {
    return this.#faults.slice(0, MAX_FAULTS);
  }

  /** Whether others should have their turn; asking begins the next count. */
  takeTurn(): boolean {
    if (this.#values < VALUES_A_TURN) return false;
    this.#values = 0;
    return true;
  }

  /** @throws {DomainError} `validation_failed` when something was wrong. */
  finish(): void {
    if (this.#faults.length === 0) return;
    throw new DomainError({ code: "validation_failed", errors: this.faults });
  }

  /** A node, good to be written if nothing is found wrong; `pointer` says where it stands. */
  node({ key, labels, properties }: NodeDraft, pointer: string): NodeUpsert {
    this.key(key, `${pointer}/key`);
    if (labels.length > MAX_LABELS) {
      this.#add(`${pointer}/labels`, `at most ${MAX_LABELS} labels`, `${labels.length} labels`);
    } else {
      labels.forEach((label, at) => this.name(label, "label", `${pointer}/labels/${at}`));
    }
    const checked = this.#properties(properties, "node property", `${pointer}/properties`);
    return { key, labels, properties: checked };
  }

  /** A relationship, likewise. */
  relationship(draft: RelationshipDraft, pointer: string): RelationshipUpsert {
    const { start, end, type, properties } = draft;
    this.key(start, `${pointer}/start`);
    this.key(end, `${pointer}/end`);
    this.name(type, "type", `${pointer}/type`);
    const kind = "relationship property";
    return {
      start,
      end,
      type,
      properties: this.#properties(properties, kind, `${pointer}/properties`),
    };
  }

  /** A node's key. */
  key(key: string, pointer: string): void {
    this.#values += 1;
    if (!isNodeKey(key)) this.#add(pointer, KEY, shown(key));
  }

  /** A label, a type or a property's name. */
  name(name: string, kind: GraphNameKind, pointer: string): void {
    this.#values += 1;
    const expected = nameFault(name, kind);
    if (expected !== null) this.#add(pointer, expected, shown(name));
  }

  /** A scalar; anything else is a fault, in the place of which an empty text is given. */
  scalar(value: unknown, pointer: string): PropertyScalar {
    this.#values += 1;
    switch (typeof value) {
      case "boolean":
        return value;
      case "string":
        return this.#text(value, pointer);
      case "bigint":
        if (value >= MIN_INTEGER && value <= MAX_INTEGER) return value;
        this.#add(pointer, "an INTEGER of 64 bits", "a larger one");
        return "";
      case "number":
        if (Number.isFinite(value)) return value;
        this.#add(pointer, "a FLOAT of 64 bits", "one beyond its range");
        return "";
      default:
        this.#add(
          pointer,
          "a string, a number, a boolean, or a list of one of them",
          kindOf(value),
        );
        return "";
    }
  }

  #properties(
    properties: Readonly<Record<string, unknown>>,
    kind: GraphNameKind,
    pointer: string,
  ): PropertyChanges {
    const entries = Object.entries(properties);
    if (entries.length > MAX_PROPERTIES) {
      const expected = `at most ${MAX_PROPERTIES} properties`;
      this.#add(pointer, expected, `${entries.length} properties`);
      return {};
    }
    return Object.fromEntries(entries.map(([name, value]) => {
      const place = `${pointer}/${escaped(name)}`;
      this.name(name, kind, place);
      return [name, value === null ? null : this.#property(value, place)];
    }));
  }

  #property(value: unknown, pointer: string): PropertyValue {
    if (!Array.isArray(value)) return this.scalar(value, pointer);
    const items: readonly unknown[] = value;
    if (items.length > MAX_LIST_ITEMS) {
      this.#add(pointer, `at most ${MAX_LIST_ITEMS} items`, `${items.length} items`);
      return [];
    }
    const kind = kindOf(items[0]);
    const other = items.findIndex((item) => kindOf(item) !== kind);
    if (other !== -1) {
      const found = kindOf(items[other]);
      this.#add(`${pointer}/${other}`, `${kind}, as the list's first item is`, found);
      return [];
    }
    return items.map((item, at) => this.scalar(item, `${pointer}/${at}`));
  }

  #text(text: string, pointer: string): string {
    this.#values += text.length >> 8;
    try {
      return sanitizeString(text, { pointer, maxLength: MAX_TEXT_LENGTH, html: this.#html });
    } catch (error) {
      if (!isFailure(error, "validation_failed")) throw error;
      if (error.failure.code === "validation_failed") this.#faults.push(...error.failure.errors);
      return text;
    }
  }

  #add(pointer: string, expected: string, found: string): void {
    if (!this.isFull) this.#faults.push({ pointer: pointer.slice(0, 300), expected, found });
  }
}

/** What a value is, in the words of the graph; never the value itself. */
function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "bigint":
      return "an INTEGER";
    case "number":
      return "a FLOAT";
    case "object":
      return "a map";
    default:
      return `a ${typeof value}`;
  }
}

/** Names and keys are shown; what is too long to be one is not. */
function shown(name: string): string {
  return name.length > 78 ? `a string of ${name.length} characters` : JSON.stringify(name);
}

function escaped(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
