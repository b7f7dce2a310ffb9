import { isGraphName } from "../../../domain/input/names.ts";

/**
 * A label, type or property's name within a statement. The engine does not read a doubled backtick, so
 * that only names without any can be quoted.
 */
export function quoted(name: string): string {
  if (!isGraphName(name)) throw new TypeError(`Cannot quote the name '${name}'`);
  return `\`${name}\``;
}
