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

function peerAddress(c: Context<HttpEnv>): Address | null {
  const { remoteAddr } = c.env;
  return "hostname" in remoteAddr ? parseAddress(remoteAddr.hostname.replace(/%.*/, "")) : null;
}

function behind(c: Context<HttpEnv>, peer: Address, trusted: readonly Network[]): Address {
  return clientAddress(peer, {
    forwarded: c.req.header("forwarded") ?? null,
    xForwardedFor: c.req.header("x-forwarded-for") ?? null,
  }, trusted);
}
