import { join } from "node:path";
import type { ChainHead } from "./audit_chain.ts";
import { messageOf } from "./unavailable.ts";

const FILE = "audit_head.json";
/** Heads that did not go with the chain when the service was started. */
const LOST = /^audit_head\.lost-\d+\.json$/;

/** The head of a chain as it is kept apart from it. */
export interface KeptHead extends ChainHead {
  readonly instance: string;
  /** When it was written, ISO 8601 UTC. */
  readonly time: string;
}

/** What is kept in a directory. */
export interface HeadFindings {
  /** `null` when there is none, or none that can be read. */
  readonly head: KeptHead | null;
  /** Why there is a file and no head. */
  readonly unreadable: string | null;
}

/** The head that is kept in a directory. */
export function findHead(directory: string): Promise<HeadFindings> {
  return readHead(join(directory, FILE));
}

async function readHead(path: string): Promise<HeadFindings> {
  try {
    return { head: parseHead(await Deno.readTextFile(path)), unreadable: null };
  } catch (error) {
    const absent = error instanceof Deno.errors.NotFound;
    return { head: null, unreadable: absent ? null : messageOf(error) };
  }
}

/** Keeps a head. The draft is on the disk before it takes its place: a cut file is not a head. */
export async function writeHead(directory: string, head: KeptHead): Promise<void> {
  const path = join(directory, FILE);
  const draft = `${path}.draft`;
  {
    using file = await Deno.open(draft, {
      write: true,
      create: true,
      truncate: true,
      mode: 0o600,
    });
    let rest = new TextEncoder().encode(`${JSON.stringify(head)}\n`);
    while (rest.length > 0) rest = rest.subarray(await file.write(rest));
    await file.sync();
  }
  await Deno.rename(draft, path);
}

/** Puts the file of a head aside, as proof; its new name, with a number of its own. */
export async function loseHead(directory: string, number: number): Promise<string> {
  const name = `audit_head.lost-${number}.json`;
  await Deno.rename(join(directory, FILE), join(directory, name));
  return name;
}

/** A head that was put aside; of one that cannot be read the sequence is `null`. */
export interface LostHead {
  readonly name: string;
  readonly sequence: number | null;
}

/** All heads that were put aside in a directory. */
export async function lostHeads(directory: string): Promise<LostHead[]> {
  const lost: LostHead[] = [];
  for await (const { name } of Deno.readDir(directory)) {
    if (!LOST.test(name)) continue;
    const { head } = await readHead(join(directory, name));
    lost.push({ name, sequence: head?.sequence ?? null });
  }
  return lost;
}

function parseHead(text: string): KeptHead {
  const { instance, sequence, hash, time } = JSON.parse(text);
  if (!Number.isSafeInteger(sequence) || sequence < 0 || !/^[0-9a-f]{64}$/.test(hash)) {
    throw new Error("it is no head of a chain");
  }
  return { instance: String(instance), sequence, hash, time: String(time) };
}
