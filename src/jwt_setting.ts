import { isIP } from "node:net";
import { secretFaults } from "../domain/identity/secret.ts";
import type { SettingReader } from "./setting_reader.ts";

/** Who signs tokens, and what they have to say. At most one of the three sources is set. */
export interface JwtSetting {
  /** Signs and verifies by HS256. One is made in development where no source is set. */
  readonly secret: string | null;
  /** Where an issuer publishes its keys. */
  readonly jwksUrl: string | null;
  /** An absolute path: one public key of an issuer. */
  readonly publicKeyFile: string | null;
  readonly issuer: string;
  readonly audience: string;
}

const SOURCES = ["JWT_SECRET", "JWKS_URL", "JWT_PUBLIC_KEY_FILE"] as const;
type JwtName = typeof SOURCES[number] | "JWT_ISSUER" | "JWT_AUDIENCE";

const WORD = "1 to 256 visible ASCII characters";
const URL_EXPECTED =
  "an https URL without user, fragment and commas; http is for loopback addresses only";

/** Reads what tokens are held against. */
export function jwtSetting(read: SettingReader<JwtName>): JwtSetting {
  const isKeyFile = (text: string) => text.startsWith("/") && !/[,\p{Cc}]/u.test(text);
  const file = read.text("JWT_PUBLIC_KEY_FILE", isKeyFile, "an absolute path without commas");
  return {
    secret: read.secret("JWT_SECRET", secretFaults),
    jwksUrl: read.text("JWKS_URL", isKeySetUrl, URL_EXPECTED),
    publicKeyFile: file,
    issuer: read.text("JWT_ISSUER", isWord, WORD) ?? "ultimate-mcp",
    audience: read.text("JWT_AUDIENCE", isWord, WORD) ?? "ultimate-mcp",
  };
}

/** What is wrong with the sources of keys together. */
export function jwtFaults(
  environment: "development" | "production",
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  const set = SOURCES.filter((name) => env[name]);
  if (set.length > 1) {
    return [`${set.join(" and ")} must not be set together: tokens have one source`];
  }
  if (set.length === 1 || environment === "development") return [];
  return [
    `${SOURCES.join(" or ")} must be set while ENVIRONMENT is 'production', found nothing`,
  ];
}

/** `host:port` of a key set, as Deno's permissions have it. */
export function keySetAddress(jwksUrl: string): string {
  const { hostname, port, protocol } = new URL(jwksUrl);
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}

function isWord(text: string): boolean {
  return /^[!-~]{1,256}$/.test(text);
}

function isKeySetUrl(text: string): boolean {
  if (!isWord(text) || !URL.canParse(text) || /[,#]/.test(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== "" || password !== "") return false;
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}

/** Whether `HOST`, or a URL's host, is this machine's alone. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return name === "::1" || name === "[::1]" || name === "localhost" ||
    (isIP(host) === 4 && host.startsWith("127."));
}
