import { DomainError, type FieldFault } from "../errors.ts";
import { nameFault } from "../graph/names.ts";
import { sanitizeString } from "../input/text.ts";
import type { ArgumentForm, Prompt, PromptArgument, PromptMessage } from "./prompt.ts";

/** Arguments by their names. */
export type PromptArguments = Readonly<Record<string, string>>;

/** How strict {@link renderPrompt} is. */
export interface RenderRules {
  /** Whether places of required arguments that are not given stay as they are. Default: they are faults. */
  readonly keepPlaces?: boolean;
}

const SECTION = /\{\{([#^])([a-z_]+)(?:=([a-z_]+))?\}\}\n?([\s\S]*?)\{\{\/\2\}\}\n?/g;
const PLACE = /\{\{([a-z_]+)\}\}/g;
/** Of names that nobody knows, and characters of a wrong value, so many are told. */
const MOST_UNKNOWN = 10;
const MOST_NAMED = 64;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * What a prompt says with these arguments.
 *
 * Arguments are data: each stays within its place. They are looked at once the template has been, in
 * one pass, so that places and sections in them are text like any other.
 *
 * @throws {DomainError} `validation_failed` with every argument that is wrong, absent or not known.
 */
export function renderPrompt(
  template: Prompt,
  given: PromptArguments,
  { keepPlaces = false }: RenderRules = {},
): readonly PromptMessage[] {
  // Clients send an empty text for what nobody has filled in.
  const values = new Map(Object.entries(given).filter(([, value]) => value.trim() !== ""));
  const errors = [
    ...faultsOf(template, values, { keepPlaces }),
    ...strangersIn(template, Object.keys(given)),
  ];
  if (errors.length > 0) throw new DomainError({ code: "validation_failed", errors });
  const chosen = template.text.replaceAll(
    SECTION,
    (_all, sign: string, name: string, value: string | undefined, inside: string) => {
      const found = values.get(name);
      const holds = value === undefined ? found !== undefined : found === value;
      return holds === (sign === "#") ? inside : "";
    },
  );
  const text = chosen.replaceAll(PLACE, (place, name: string) => {
    const value = values.get(name);
    if (value === undefined) return place;
    return formOf(template, name)?.kind === "text" ? fenced(value) : value;
  });
  return [{ role: "user", text: text.trimEnd() }];
}

/** The names that a template's places and sections have, each as often as it stands there. */
export function placesIn(text: string): readonly string[] {
  return Array.from(
    text.matchAll(/\{\{[#^/]?([a-z_]+)(?:=[a-z_]+)?\}\}/g),
    ([, name = ""]) => name,
  );
}

/** A text in a fence that nothing in it can close, as Markdown has it (CommonMark 4.5). */
function fenced(text: string): string {
  const runs = text.match(/`+/g) ?? [];
  const longest = runs.reduce((most, run) => Math.max(most, run.length), 2);
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}

function formOf(template: Prompt, name: string): ArgumentForm | undefined {
  return template.arguments.find((argument) => argument.name === name)?.form;
}

function faultsOf(
  template: Prompt,
  values: ReadonlyMap<string, string>,
  { keepPlaces }: Required<RenderRules>,
): FieldFault[] {
  return template.arguments.flatMap((argument) => {
    const value = values.get(argument.name);
    if (value !== undefined) return faultIn(argument, value);
    if (!argument.required || keepPlaces) return [];
    return [{ pointer: pointerTo(argument.name), expected: "a text", found: "nothing" }];
  });
}

/** Names that the template does not know. */
function strangersIn(template: Prompt, given: readonly string[]): FieldFault[] {
  const known = template.arguments.map(({ name }) => name);
  return given.filter((name) => !known.includes(name)).slice(0, MOST_UNKNOWN).map((name) => ({
    pointer: pointerTo(name.slice(0, MOST_NAMED)),
    expected: `one of ${known.join(", ")}`,
    found: "another name",
  }));
}

function faultIn({ name, form }: PromptArgument, value: string): readonly FieldFault[] {
  const pointer = pointerTo(name);
  if (form.kind === "text") return textFaults(value, pointer, form.maxLength);
  const expected = formFault(form, value);
  if (expected === null) return [];
  const found = value.length > MOST_NAMED
    ? `a string of ${value.length} characters`
    : JSON.stringify(value);
  return [{ pointer, expected, found }];
}

function formFault(form: Exclude<ArgumentForm, { kind: "text" }>, value: string): string | null {
  switch (form.kind) {
    case "choice":
      if (form.values.includes(value)) return null;
      return `one of ${form.values.map((one) => JSON.stringify(one)).join(", ")}`;
    case "label":
      return nameFault(value, "label");
    case "execution":
      return UUID.test(value) ? null : "a UUID";
  }
}

function textFaults(text: string, pointer: string, maxLength: number): readonly FieldFault[] {
  try {
    sanitizeString(text, { pointer, maxLength, html: "keep" });
    return [];
  } catch (error) {
    if (error instanceof DomainError && error.failure.code === "validation_failed") {
      return error.failure.errors;
    }
    throw error;
  }
}

function pointerTo(name: string): string {
  return `/arguments/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
