/**
 * An IP address as eight numbers of 16 bits. An IPv4 one is what IPv6 maps it to (`::ffff:a.b.c.d`), so
 * that both spellings of it are one address.
 */
export type Address = readonly number[];

/** The addresses that share their first `bits` bits with `base`. */
export interface Network {
  readonly base: Address;
  /** 0 to 128. */
  readonly bits: number;
}

const GROUPS = 8;
const MAPPED: readonly number[] = [0, 0, 0, 0, 0, 0xffff];
const MAPPED_BITS = 96;
const LONGEST = 45;

/** The address that a text spells, without port, brackets or zone; `null` when it spells none. */
export function parseAddress(text: string): Address | null {
  if (text.length > LONGEST) return null;
  if (!text.includes(":")) {
    const low = dottedGroups(text);
    return low === null ? null : [...MAPPED, ...low];
  }
  const [head = "", tail, ...more] = text.split("::");
  if (more.length > 0) return null;
  const before = groupsOf(head, tail === undefined);
  if (before === null) return null;
  if (tail === undefined) return before.length === GROUPS ? before : null;
  const after = groupsOf(tail, true);
  if (after === null || before.length + after.length >= GROUPS) return null;
  const zeros = Array<number>(GROUPS - before.length - after.length).fill(0);
  return [...before, ...zeros, ...after];
}

/** The network that `ADDRESS/BITS`, or an address alone, spells; `null` when it spells none. */
export function parseNetwork(text: string): Network | null {
  const [address = "", bits, ...more] = text.split("/");
  const base = parseAddress(address);
  if (base === null || more.length > 0) return null;
  if (bits === undefined) return { base, bits: 128 };
  const offset = address.includes(":") ? 0 : MAPPED_BITS;
  if (!/^\d{1,3}$/.test(bits) || Number(bits) + offset > 128) return null;
  return { base, bits: Number(bits) + offset };
}

/** Whether an address lies in a network. */
export function isWithin(address: Address, { base, bits }: Network): boolean {
  for (let group = 0; group < GROUPS && group * 16 < bits; group += 1) {
    const unused = Math.max(0, 16 * (group + 1) - bits);
    if ((address[group] ?? 0) >> unused !== (base[group] ?? 0) >> unused) return false;
  }
  return true;
}

/**
 * What a client is counted by: its IPv4 address, or the /64 that holds its IPv6 one, since whoever has
 * one address of a /64 has all of them.
 */
export function clientKey(address: Address): string {
  return dotted(address) ?? `${hexGroups(address.slice(0, 4))}::/64`;
}

/** An address as people read it: IPv4 with dots, IPv6 with its first zeros left out. */
export function addressText(address: Address): string {
  return dotted(address) ?? hexGroups(address).replace(/(^|:)0(:0)+(:|$)/, "::");
}

function dotted(address: Address): string | null {
  if (MAPPED.some((group, at) => address[at] !== group)) return null;
  const [high = 0, low = 0] = address.slice(MAPPED.length);
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

function hexGroups(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(":");
}

function groupsOf(text: string, atEnd: boolean): number[] | null {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [at, part] of parts.entries()) {
    const dotted = atEnd && at === parts.length - 1 ? dottedGroups(part) : null;
    if (dotted !== null) groups.push(...dotted);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(parseInt(part, 16));
    else return null;
  }
  return groups.length > GROUPS ? null : groups;
}

/** Leading zeros are refused: some read them as octal. */
function dottedGroups(text: string): number[] | null {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return null;
  const [a = 0, b = 0, c = 0, d = 0] = parts.map(Number);
  return [a, b, c, d].some((byte) => byte > 255) ? null : [a << 8 | b, c << 8 | d];
}
