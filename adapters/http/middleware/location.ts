import type { Context } from "hono";
import { type Address, type Network, parseAddress } from "../../../domain/network/address.ts";
import { clientAddress } from "../../../domain/network/client_address.ts";
import type { HttpEnv, HttpMiddleware } from "../environment.ts";

/** Says of each request which address it came from, by its socket and by what `trusted` peers add. */
export function located(trusted: readonly Network[]): HttpMiddleware {
  return async (c, next) => {
    const peer = peerAddress(c);
    c.set("client", peer === null || trusted.length === 0 ? peer : behind(c, peer, trusted));
    await next();
  };
}

/** What the last peer's name spells: most requests come from where the last one came from. */
let last: { readonly hostname: string; readonly address: Address | null } | null = null;

function peerAddress(c: Context<HttpEnv>): Address | null {
  const { remoteAddr } = c.env;
  if (!("hostname" in remoteAddr)) return null;
  const { hostname } = remoteAddr;
  if (last?.hostname !== hostname) {
    last = { hostname, address: parseAddress(hostname.replace(/%.*/, "")) };
  }
  return last.address;
}

function behind(c: Context<HttpEnv>, peer: Address, trusted: readonly Network[]): Address {
  return clientAddress(peer, {
    forwarded: c.req.header("forwarded") ?? null,
    xForwardedFor: c.req.header("x-forwarded-for") ?? null,
  }, trusted);
}
