import { isIP } from "node:net";
import { type Network, parseNetwork } from "../domain/network/address.ts";
import type { BucketRule } from "../domain/limits/token_bucket.ts";
import type { SettingReader } from "./setting_reader.ts";

/** Settings that say who may ask, and how often. */
export const INBOUND_NAMES = [
  "ALLOWED_HOSTS",
  "CORS_ORIGINS",
  "TRUSTED_PROXIES",
  "RATE_LIMIT_PER_MINUTE",
  "RATE_LIMIT_BURST",
] as const;

/** What those settings say. */
export interface InboundSetting {
  /** Names that a request may be addressed to, in lower case, beside those of loopback. */
  readonly allowedHosts: readonly string[];
  /** Origins whose pages may read answers, as browsers send them. */
  readonly corsOrigins: readonly string[];
  /** Peers whose forwarding headers count. */
  readonly trustedProxies: readonly Network[];
  /** `null`: nobody is limited. */
  readonly rateLimit: BucketRule | null;
}

/** Reads them. */
export function inboundSetting(
  read: SettingReader<(typeof INBOUND_NAMES)[number]>,
): InboundSetting {
  const perMinute = read.whole("RATE_LIMIT_PER_MINUTE", 0, 10_000_000) ?? 3000;
  const burst = read.whole("RATE_LIMIT_BURST", 1, 10_000_000) ?? 500;
  const hosts = read.text("ALLOWED_HOSTS", (text) => words(text).every(isHost), HOSTS);
  const origins = read.text("CORS_ORIGINS", (text) => words(text).every(isOrigin), ORIGINS);
  const proxies = read.text("TRUSTED_PROXIES", (text) => networks(text) !== null, NETWORKS);
  return {
    allowedHosts: hosts === null ? [] : words(hosts),
    corsOrigins: origins === null ? [] : words(origins),
    trustedProxies: (proxies === null ? null : networks(proxies)) ?? [],
    rateLimit: perMinute === 0 ? null : { perMinute, burst },
  };
}

const HOSTS = "host names without ports, separated by commas";
const ORIGINS = "origins such as 'https://app.example.org', separated by commas";
const NETWORKS = "IP addresses or networks such as '10.0.0.0/8', separated by commas";

/** Whether a text is an IP address or a host name. */
export function isHost(text: string): boolean {
  if (isIP(text) !== 0) return true;
  // A last label of digits is an address that is not one: 1.2.3.999.
  return text.length <= 253 &&
    /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(text);
}

function words(text: string): string[] {
  return text.split(",").map((word) => word.trim().toLowerCase());
}

/** No wildcard, no path, no default port: what is compared is what a browser sends. */
function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.parse(text)?.origin === text;
}

function networks(text: string): Network[] | null {
  const found = words(text).map(parseNetwork).filter((network) => network !== null);
  return found.length === words(text).length ? found : null;
}
