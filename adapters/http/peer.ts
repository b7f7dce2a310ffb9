import type { Context } from "hono";
import type { HttpEnv } from "./environment.ts";

/** A request that carries one of these came through a proxy: its peer's address says nothing. */
const FORWARDING_HEADER = /^(forwarded|via|x-forwarded-.*|x-real-ip)$/;

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;

/** Whether a request comes from this machine itself, and through no proxy on it. */
export function isDirectLoopback(c: Context<HttpEnv>): boolean {
  const peer = c.env.remoteAddr;
  if (!("hostname" in peer) || !LOOPBACK.test(peer.hostname)) return false;
  return ![...c.req.raw.headers.keys()].some((name) => FORWARDING_HEADER.test(name));
}
