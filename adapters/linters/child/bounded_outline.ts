import type { FoundClass, FoundImport, Outline } from "../../../domain/lint/report.ts";
import { cut } from "../findings.ts";

/** Functions, classes and imports, of each; and the names in all classes, and in all imports. */
const MOST_ITEMS = 2000;

/** UTF-16 units of a name. */
const NAME_LENGTH = 200;

/** An outline of a size that can be told, and whether that left something out. */
export function boundedOutline(
  outline: Outline,
): { readonly outline: Outline; readonly truncated: boolean } {
  const functions = outline.functions.slice(0, MOST_ITEMS)
    .map((found) => ({ ...found, name: cut(found.name, NAME_LENGTH) }));
  const classes = boundedClasses(outline.classes);
  const imports = boundedImports(outline.imports);
  const truncated = outline.functions.length > MOST_ITEMS || classes.truncated || imports.truncated;
  const lists = { functions, classes: classes.kept, imports: imports.kept };
  return { outline: { ...outline, ...lists }, truncated };
}

function boundedClasses(classes: readonly FoundClass[]) {
  const names = new Names();
  const kept = classes.slice(0, MOST_ITEMS).map((found) => ({
    ...found,
    name: cut(found.name, NAME_LENGTH),
    methods: names.taken(found.methods),
  }));
  return { kept, truncated: names.over || classes.length > MOST_ITEMS };
}

function boundedImports(imports: readonly FoundImport[]) {
  const names = new Names();
  const kept = imports.slice(0, MOST_ITEMS).map((found) => ({
    ...found,
    module: cut(found.module, NAME_LENGTH),
    names: names.taken(found.names),
  }));
  return { kept, truncated: names.over || imports.length > MOST_ITEMS };
}

/** Takes names until there are enough. */
class Names {
  over = false;
  #room = MOST_ITEMS;

  taken(names: readonly string[]): string[] {
    const kept = names.slice(0, this.#room);
    this.#room -= kept.length;
    this.over ||= kept.length < names.length;
    return kept.map((name) => cut(name, NAME_LENGTH));
  }
}
