import { forEachChild, parse, type ParsedScript, type SyntaxNode, type Word } from "unbash";
import type { Outline } from "../../../domain/lint/report.ts";
import { Gathering } from "./gathering.ts";

/** Commands that run the one behind them. */
const CARRIERS = new Set(["builtin", "command"]);
/** Operators of arithmetic that leave a side out. */
const SHORT_CIRCUITS = new Set(["&&", "||"]);

/** Nodes whose inside is read when it is asked for, from their text. */
const READ_LATER = new Set([
  "ArithmeticCommand",
  "ArithmeticCommandExpansion",
  "ArithmeticExpansion",
  "CommandExpansion",
  "ParameterExpansion",
  "ProcessSubstitution",
]);
/** How many times as much as there is of a text may be read again of what is nested in it. */
const MAX_READINGS = 8;
/** UTF-16 units that may be read again in any text. */
const LEAST_READINGS = 65_536;

const TOO_DEEP = "Nested too deep to be read";

interface Fault {
  readonly at: number;
  readonly message: string;
}

/** A node that is still to be looked at; `null` ends the function that was entered last. */
interface Step {
  readonly node: SyntaxNode | null;
  /** Where everything in it is taken to be, as it stands in a text of its own: a command in backticks. */
  readonly place: number | null;
}

/** The outline of a Bash script. */
export function bashOutline(text: string): Outline {
  const gathering = new Gathering(text);
  let fault: Fault | null = null;
  try {
    for (const found of faults(text, gathering)) fault = earlier(fault, found);
  } catch (error) {
    // The parser recurses where it does not count how deep: `a() a() a() …`.
    if (!(error instanceof RangeError)) throw error;
    fault = earlier(fault, { at: 0, message: TOO_DEEP });
  }
  return gathering.outline(fault);
}

/** Walks through a script, gathers what is in it and tells what is wrong with it. */
function* faults(text: string, gathering: Gathering): Generator<Fault> {
  const steps: Step[] = [{ node: parse(text), place: null }];
  const ends: number[] = [];
  let left = MAX_READINGS * text.length + LEAST_READINGS;
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    const { node } = step;
    if (node === null) {
      gathering.leave(ends.pop() ?? 0);
      continue;
    }
    const place = placeWithin(step);
    if (node.type === "Script" && "errors" in node) yield* faultsOf(node, place);
    look(node, place, gathering);
    if (node.type === "Function") {
      ends.push(place ?? node.end);
      steps.push({ node: null, place });
    }
    if (READ_LATER.has(node.type)) left -= node.end - node.pos;
    if (left > 0) pushChildren(node, place, steps);
    else yield { at: place ?? node.pos, message: TOO_DEEP };
  }
}

function faultsOf({ errors = [] }: ParsedScript, place: number | null): Fault[] {
  return errors.map(({ pos, message }) => ({ at: place ?? pos, message: sentence(message) }));
}

/** So that the first child is the next step. */
function pushChildren(node: SyntaxNode, place: number | null, steps: Step[]): void {
  const children: SyntaxNode[] = [];
  forEachChild(node, (child) => {
    children.push(child);
  });
  for (const child of children.reverse()) steps.push({ node: child, place });
}

/** The place of what stands in a node: its command may have a text of its own. */
function placeWithin({ node, place }: Step): number | null {
  if (place !== null || node?.type !== "CommandExpansion") return place;
  return node.script?.source === undefined ? null : node.pos;
}

function earlier(one: Fault | null, other: Fault | null): Fault | null {
  if (one === null || other === null) return one ?? other;
  return other.at < one.at ? other : one;
}

function sentence(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1);
}

function look(node: SyntaxNode, place: number | null, gathering: Gathering): void {
  gathering.decide(decisionsOf(node));
  if (node.type === "Function") {
    const at = place ?? node.pos;
    gathering.enterFunction({ name: node.name.text, at, async: false, isMethod: false });
  }
  if (node.type !== "Command" || node.name === undefined) return;
  const module = sourced([node.name, ...node.suffix].filter((word) => word.type === "Word"));
  if (module !== null) gathering.import(module, [], place ?? node.pos);
}

/** How many times a node chooses between two ways on. */
function decisionsOf(node: SyntaxNode): number {
  switch (node.type) {
    case "If":
    case "Elif":
    case "For":
    case "ArithmeticFor":
    case "Select":
    case "While":
    case "ArithmeticTernary":
      return 1;
    case "CaseItem":
      // `*` takes what is left.
      return node.pattern.length === 1 && node.pattern[0]?.text === "*" ? 0 : 1;
    case "AndOr":
      return node.operators.length;
    case "TestLogical":
      return node.operands.length - 1;
    case "ArithmeticBinary":
      return SHORT_CIRCUITS.has(node.operator) ? 1 : 0;
    default:
      return 0;
  }
}

/** The file that `source` and `.` read, as it is written; `null` for other commands. */
function sourced(words: readonly Word[]): string | null {
  const at = words.findIndex(({ value }) => !CARRIERS.has(value));
  const name = words[at]?.value;
  if (name !== "source" && name !== ".") return null;
  const file = words[at + 1]?.value === "--" ? words[at + 2] : words[at + 1];
  return file === undefined ? null : unquoted(file.text);
}

/** Without quotes where these are around the whole. */
function unquoted(written: string): string {
  const [, , inner] = /^(["'])([^"'`\\]*)\1$/s.exec(written) ?? [];
  return inner ?? written;
}
