import { type Address, isWithin, type Network, parseAddress } from "./address.ts";

/** What a request says of the way that it came; `null` where a header was not sent. */
export interface Forwarding {
  readonly forwarded: string | null;
  readonly xForwardedFor: string | null;
}

/**
 * The address that a request came from. Only a trusted peer's word counts, and of it only what trusted
 * proxies have added: from the right, the first address that is no trusted proxy. Should the headers
 * be malformed as far as they are read, hide the address, or be two that say different things, then it
 * is the peer's own: a proxy passes on the header that it does not write itself.
 */
export function clientAddress(
  peer: Address,
  { forwarded, xForwardedFor }: Forwarding,
  trusted: readonly Network[],
): Address {
  const isTrusted = (address: Address) => trusted.some((network) => isWithin(address, network));
  if (!isTrusted(peer)) return peer;
  const told = [forwarded, xForwardedFor && asForwarded(xForwardedFor)]
    .filter((header) => header !== null)
    .map((header) => firstUntrusted(header, isTrusted));
  const [client = peer, other = client] = told;
  if (client === null || other === null) return peer;
  return client.every((group, at) => group === other[at]) ? client : peer;
}

/** The first from the right that is not trusted, else the leftmost; `null` when one cannot be read. */
function firstUntrusted(
  header: string,
  isTrusted: (address: Address) => boolean,
): Address | null {
  const nodes = forwardedNodes(header);
  if (nodes === null) return null;
  let address: Address | null = null;
  for (const node of nodes.reverse()) {
    address = nodeAddress(node);
    if (address === null || !isTrusted(address)) return address;
  }
  return address;
}

/** The older header's list in the newer one's form. */
function asForwarded(header: string): string {
  return header.split(",").map((node) => `for="${node.trim()}"`).join(",");
}

const PAIR = /[\t ]*([!#$%&'*+.^`|~\w-]+)=(?:"([^"\\]*)"|([!#$%&'*+.^`|~\w:-]+))[\t ]*(;|,|$)/y;

/** The `for` of each element of a `Forwarded` header, "" where it has none; `null` when malformed. */
function forwardedNodes(header: string): string[] | null {
  const nodes = [""];
  let at = 0;
  while (at < header.length) {
    PAIR.lastIndex = at;
    const pair = PAIR.exec(header);
    if (pair === null) return null;
    const [whole, name = "", quoted, plain = "", end] = pair;
    at += whole.length;
    if (name.toLowerCase() === "for") {
      // Of two in one element nobody could say which the proxy wrote.
      if (nodes.at(-1) !== "") return null;
      nodes[nodes.length - 1] = quoted ?? plain;
    }
    if (end === ",") nodes.push("");
    else if (end === ";" && at === header.length) return null;
  }
  return nodes;
}

/** `a.b.c.d`, `[v6]`, either with a port, or a bare IPv6 address, as the older header has it. */
function nodeAddress(node: string): Address | null {
  const [, bracketed, dotted] = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d{1,5})?$/.exec(node) ?? [];
  return parseAddress(bracketed ?? dotted ?? node);
}
