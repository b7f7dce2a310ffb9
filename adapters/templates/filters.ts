import type { Environment } from "minijinja-js/dist/bundler/minijinja_js.js";
import { MAX_OUTPUT_BYTES } from "../../domain/generation/template.ts";

/** A filter was used as it cannot be. */
export class FilterFault extends Error {}

/** What the engine hands to a filter: copies of values. Named arguments come last, as a map. */
type Arguments = readonly unknown[];

/** Filters that Jinja has and the engine has not. */
const FILTERS: Readonly<Record<string, (text: string, args: Arguments) => string | number>> = {
  center: (text, args) => {
    const width = wholeNumber(named(args, 0, "width", 80));
    const missing = Math.max(0, width - [...text].length);
    // As Python shares an odd one out.
    const left = Math.floor(missing / 2) + (missing & width & 1);
    return " ".repeat(left) + text + " ".repeat(missing - left);
  },
  urlencode: (text) =>
    encodeURIComponent(text.toWellFormed())
      .replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll("%2F", "/"),
  wordcount: (text) => text.match(/[\p{L}\p{N}_]+/gu)?.length ?? 0,
};

/**
 * Adds what Jinja has and the engine has not. The engine breaks when a filter throws: faults are told to
 * `tell`, and count once the template is through.
 */
export function addFilters(environment: Environment, tell: (fault: FilterFault) => void): void {
  for (const [name, filter] of Object.entries(FILTERS)) {
    environment.addFilter(name, (value: unknown, ...args: unknown[]) => {
      try {
        return filter(textOf(value), args);
      } catch (error) {
        const words = error instanceof Error ? error.message : String(error);
        tell(new FilterFault(`the filter '${name}' ${words}`));
        return "";
      }
    });
  }
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  throw new TypeError("takes text or a number");
}

function named(args: Arguments, at: number, name: string, usual: unknown): unknown {
  const last = args.at(-1);
  const names = last instanceof Map ? last : new Map<string, unknown>();
  const stranger = [...names.keys()].find((other) => other !== name);
  if (stranger !== undefined) throw new TypeError(`takes no argument '${stranger}'`);
  const given = args[at] instanceof Map ? undefined : args[at];
  return given ?? names.get(name) ?? usual;
}

function wholeNumber(value: unknown): number {
  const fits = typeof value === "number" && Number.isInteger(value) && value <= MAX_OUTPUT_BYTES;
  if (!fits) throw new RangeError(`takes a whole number up to ${MAX_OUTPUT_BYTES}`);
  return value;
}
