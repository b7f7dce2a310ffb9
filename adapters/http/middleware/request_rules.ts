import type { Context } from "hono";
import type { TransportFault } from "../../wire/problem_table.ts";
import type { HttpEnv } from "../environment.ts";

/** Whom requests may be addressed to, and which pages may send them. */
export interface RequestRules {
  /** Names without ports, in lower case, beside those of loopback. */
  readonly allowedHosts: readonly string[];
  /** Origins of pages elsewhere, as browsers send them. */
  readonly corsOrigins: readonly string[];
}

const LONGEST_TARGET = 8192;

const AUTHORITY = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/i;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

const HIDDEN = /%(2f|5c|[01][0-9a-f]|7f|25)/i;

/** The one segment that may be any text, a user's id: its route decodes it once, and nothing else does. */
const ANY_TEXT = /^(\/api\/v1\/users\/)[^/]+(?=\/roles$)/;

/** What no path of this service has as it stands: only then is it looked at more closely. */
const UNUSUAL = /[%\\]|\/\/|\/\.{1,2}(?:\/|$)/;

/**
 * What is wrong with a request before any route is asked; `null` when nothing is.
 *
 * Browsers send no name in `Host` but the one in their address bar: a name that an attacker has made
 * lead here (DNS rebinding) is not among those allowed. The target has to be spelled as the routes
 * are: what a proxy would understand otherwise than this service is refused, not put right.
 */
export function requestFault(c: Context<HttpEnv>, rules: RequestRules): TransportFault | null {
  const { url } = c.req.raw;
  const { authority, path, length } = partsOf(url);
  for (const host of [authority, c.req.header("host")]) {
    if (host !== undefined && !isOurs(host, rules)) {
      return { code: "host_not_allowed", found: shown(host) };
    }
  }
  const origin = c.req.header("origin");
  if (origin !== undefined && !isWelcome(origin, rules)) {
    return { code: "origin_not_allowed", found: shown(origin) };
  }
  const reason = length > LONGEST_TARGET
    ? `its target is longer than ${LONGEST_TARGET} bytes`
    : pathFault(path);
  if (reason !== null) return { code: "malformed_request", reason };
  // No token has a comma in it; several headers of one name arrive as a list.
  if (c.req.header("authorization")?.includes(",")) {
    return { code: "malformed_request", reason: "it has more than one 'Authorization'" };
  }
  return null;
}

/** By hand: a parser would put right what is to be refused. */
function partsOf(url: string): { authority: string; path: string; length: number } {
  const start = url.indexOf("://") + 3;
  const slash = url.indexOf("/", start);
  if (slash === -1) return { authority: url.slice(start), path: "", length: 0 };
  const end = url.slice(slash).search(/[?#]/);
  return {
    authority: url.slice(start, slash),
    path: end === -1 ? url.slice(slash) : url.slice(slash, slash + end),
    length: url.length - slash,
  };
}

function isOurs(host: string, { allowedHosts }: RequestRules): boolean {
  const name = AUTHORITY.exec(host)?.[1]?.toLowerCase();
  if (name === undefined) return false;
  return LOOPBACK.test(name) || allowedHosts.includes(name.replace(/^\[(.*)\]$/, "$1"));
}

/** A page of this service's own names may ask; reading the answer is another matter, the browser's. */
function isWelcome(origin: string, rules: RequestRules): boolean {
  if (rules.corsOrigins.includes(origin)) return true;
  const host = /^https?:\/\/(.+)$/.exec(origin)?.[1];
  return host !== undefined && isOurs(host, rules);
}

function pathFault(path: string): string | null {
  if (!UNUSUAL.test(path)) return null;
  if (path.includes("\\")) return "its path has a backslash";
  if (path.includes("//")) return "its path has an empty segment";
  if (!path.includes("%")) return "its path has a dot segment";
  const decoded = decodedPath(path);
  if (decoded === null) return "its path has percent signs that do not stand for UTF-8";
  // Encoded, these mean something else to whoever decodes earlier or later.
  if (/%2e/i.test(path) || HIDDEN.test(path.replace(ANY_TEXT, "$1id"))) {
    return "its path hides a delimiter";
  }
  if (/%(3[0-9]|[46][1-9a-f]|[57][0-9a]|2d|5f|7e)/i.test(path)) {
    return "its path encodes what needs no encoding";
  }
  return UNUSUAL.test(path.replaceAll("%", "")) ? "its path has a dot segment" : null;
}

function decodedPath(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

function shown(text: string): string {
  return `'${text.slice(0, 100).replaceAll(/[^ -~]/g, "?")}'`;
}
