import { Environment } from "minijinja-js/dist/bundler/minijinja_js.js";
import { MAX_OUTPUT_BYTES } from "../../domain/generation/template.ts";
import { engineContext } from "./context.ts";
import { addFilters, FilterFault } from "./filters.ts";
import type { Asked, Rendered } from "./messages.ts";
import { faultIn } from "./template_fault.ts";

/**
 * Steps of the engine that a template may take; a turn of a loop takes some. What single steps may take is
 * bounded by the engine's memory and the caller's time.
 */
const FUEL = 5_000_000;

const encoder = new TextEncoder();

let broken = false;

/** Whether the engine has given up inside: it must not be asked again. */
export function isBroken(): boolean {
  return broken;
}

/** Fills a template in. Never throws: whatever it does wrong is told. */
export function render({ template, context }: Asked): Rendered {
  try {
    const text = rendered(template, context);
    // Its bytes are counted in place, and no further than the bound.
    const room = new Uint8Array(MAX_OUTPUT_BYTES + 4);
    if (encoder.encodeInto(text, room).written <= MAX_OUTPUT_BYTES) return { kind: "text", text };
    const message = `its output has more than ${MAX_OUTPUT_BYTES} bytes`;
    return { kind: "invalid", message, line: null, name: null };
  } catch (error) {
    if (!broken) return { kind: "invalid", ...faultIn(error) };
    const message = "it needs more memory, or is nested deeper, than a template may";
    return { kind: "invalid", message, line: null, name: null };
  }
}

/** An environment of its own each: nothing of one template is left for the next. */
function rendered(template: string, context: Asked["context"]): string {
  const environment = new Environment();
  const faults: FilterFault[] = [];
  try {
    setUp(environment, (fault) => faults.push(fault));
    const text = environment.renderStr(template, engineContext(context));
    if (faults[0] !== undefined) throw faults[0];
    return text;
  } catch (error) {
    // Rust's way to give up (out of memory, mostly), and the end of the stack.
    broken = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
    throw error;
  } finally {
    if (!broken) environment.free();
  }
}

function setUp(environment: Environment, tell: (fault: FilterFault) => void): void {
  environment.undefinedBehavior = "strict";
  environment.fuel = FUEL;
  // Faults come with the place where they are.
  environment.debug = true;
  environment.enablePyCompat();
  // It shows how the engine is set up.
  environment.removeGlobal("debug");
  addFilters(environment, tell);
}
