import assert from "node:assert/strict";
import type { PythonNode } from "../../domain/policy/python_tree.ts";
import type { PythonSyntax } from "../../domain/ports/python_syntax.ts";
import { MAX_STRETCH, MAX_WORK, type Work } from "../../domain/policy/work.ts";
import { SYNTAX } from "./checked.ts";

/**
 * Reads of a tree's nodes that the policy may do from one turn to the next, and in all: some for each
 * unit of work. What is quadratic in one node does more within one step.
 */
const READS_A_UNIT = 16;
const MAX_READS = READS_A_UNIT * MAX_STRETCH;
const MAX_READS_IN_ALL = READS_A_UNIT * MAX_WORK;
/** The work of one turn: what a step may do, and one token of a mebibyte. */
const MAX_WORK_A_TURN = 2 * MAX_STRETCH;

/** The real parser, but that it counts what is done with its trees and fails past those bounds. */
export class CountedSyntax implements PythonSyntax {
  readonly #work: Work;
  #reads = 0;
  #readsInAll = 0;
  #worked = 0;
  turns = 0;

  constructor(work: Work) {
    this.#work = work;
  }

  parse: PythonSyntax["parse"] = async (code, look) => {
    const program = await SYNTAX.parse(code, look);
    return program.kind === "read" ? { ...program, root: this.#counted(program.root) } : program;
  };

  turn: PythonSyntax["turn"] = async () => {
    this.check();
    this.#reads = 0;
    this.turns += 1;
    await SYNTAX.turn();
  };

  /** Fails when more than one turn's work was done since the last. */
  check(): void {
    const { spent } = this.#work;
    assert.ok(spent - this.#worked <= MAX_WORK_A_TURN, `${spent - this.#worked} units in a turn`);
    this.#worked = spent;
  }

  #read(): void {
    this.#reads += 1;
    this.#readsInAll += 1;
    assert.ok(this.#reads <= MAX_READS, `${this.#reads} reads in a turn`);
    assert.ok(this.#readsInAll <= MAX_READS_IN_ALL, `${this.#readsInAll} reads`);
  }

  #counted(root: PythonNode): PythonNode {
    const read = () => this.#read();
    const copies = new Map<PythonNode, PythonNode>();
    const waiting = [root];
    for (let node = waiting.at(-1); node !== undefined; node = waiting.at(-1)) {
      const missing = copies.has(node) ? [] : node.parts.filter((part) => !copies.has(part));
      if (missing.length > 0) {
        for (const part of missing) waiting.push(part);
        continue;
      }
      waiting.pop();
      copies.set(node, copyOf(node, node.parts.map((part) => copies.get(part) ?? part), read));
    }
    return copies.get(root) ?? root;
  }
}

function copyOf(
  { kind, at, end, name, value }: PythonNode,
  parts: readonly PythonNode[],
  read: () => void,
): PythonNode {
  return {
    at,
    end,
    value,
    get kind() {
      read();
      return kind;
    },
    get name() {
      read();
      return name;
    },
    get parts() {
      read();
      return parts;
    },
  };
}
