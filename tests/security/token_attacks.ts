import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { CLAIMS, type Forge, NOW_SECONDS, part, REVOKED_ID } from "../fixtures/token_forge.ts";
import {
  algorithmAttacks,
  headerAttacks,
  resigned,
  type TokenAttacks,
} from "./token_header_attacks.ts";

/** Every attack on a service that takes the tokens of `forge`. */
export function tokenAttacks(forge: Forge): TokenAttacks {
  return {
    ...algorithmAttacks(forge),
    ...headerAttacks(forge),
    ...signatureAttacks(forge),
    ...textAttacks(forge),
    ...sizeAttacks(forge),
    ...timeAttacks(forge),
    ...claimAttacks(forge),
  };
}

function claimsWithout(claim: keyof typeof CLAIMS): Readonly<Record<string, unknown>> {
  const { [claim]: _, ...rest } = CLAIMS;
  return rest;
}

function signatureAttacks(forge: Forge): TokenAttacks {
  const good = forge.token(CLAIMS);
  const [header = "", claims = "", signature = ""] = good.split(".");
  const standard = Buffer.from(signature, "base64url").toString("base64");
  const flipped = (signature.startsWith("A") ? "B" : "A") + signature.slice(1);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const loose = signature.slice(0, -1) + alphabet[alphabet.indexOf(signature.slice(-1)) + 1];
  return {
    "truncated signatures": [0, 1, 10, 40, signature.length - 1].map((length) =>
      resigned(good, () => signature.slice(0, length))
    ),
    "altered signatures": [
      resigned(good, () => flipped),
      resigned(good, () => "A".repeat(signature.length)),
      resigned(good, () => signature + "A"),
      resigned(good, () => signature + "AAAA"),
      resigned(good, () => signature + signature),
      resigned(good, () => signature.toUpperCase()),
    ],
    "re-encoded signatures": [
      resigned(good, () => standard),
      resigned(good, () => `${signature}=`),
      resigned(good, () => `${signature}==`),
      resigned(good, () => loose),
      resigned(good, () => encodeURIComponent(`${signature}=`)),
      `${header}=.${claims}.${signature}`,
      `${header}.${claims}=.${signature}`,
    ],
  };
}

function textAttacks(forge: Forge): TokenAttacks {
  const good = forge.token(CLAIMS);
  const [header = "", claims = "", signature = ""] = good.split(".");
  return {
    "white space": [
      `${good}\n`,
      ` ${good}\u00a0`,
      good.replace(".", " ."),
      good.replace(".", ".\t"),
      `${good.slice(0, -5)} ${good.slice(-5)}`,
      `${header}\r\n.${claims}.${signature}`,
    ],
    "extra dots and parts": [
      `.${good}`,
      `${good}.`,
      `${good}.${signature}`,
      good.replace(".", ".."),
      `${header}.${claims}`,
      header,
      "..",
      ".",
      "",
    ],
    "five parts, as encrypted tokens have": [
      `${part({ alg: "dir", enc: "A256GCM" })}..${part("iv")}.${claims}.${part("tag")}`,
      `${header}.${claims}.${signature}.${claims}.${signature}`,
    ],
    "JSON serialisation": [
      JSON.stringify({ protected: header, payload: claims, signature }),
      JSON.stringify({ payload: claims, signatures: [{ protected: header, signature }] }),
    ],
    "another's claims under a right signature": [
      `${header}.${part({ ...CLAIMS, sub: "mallory" })}.${signature}`,
      `${part({ ...forge.header, x: 1 })}.${claims}.${signature}`,
    ],
    "a nested token": [forge.token(good), forge.token(JSON.stringify(good))],
  };
}

function sizeAttacks(forge: Forge): TokenAttacks {
  const deep = "[".repeat(10_000) + "]".repeat(10_000);
  const long = (length: number) => "x".repeat(length);
  return {
    "a token of 100 KiB": [
      forge.token({ ...CLAIMS, x: long(100_000) }),
      long(102_400),
      ".".repeat(102_400),
      `${long(51_200)}.${long(51_200)}.x`,
    ],
    "a header of 1 MiB": [forge.token(CLAIMS, { ...forge.header, x: long(1_048_576) })],
    "a token just above the bound": [forge.token({ ...CLAIMS, x: long(8192) })],
    "nested JSON": [
      forge.token(`{"x":${deep}}`),
      forge.token(CLAIMS, `{"alg":"${forge.header["alg"]}","x":${deep}}`),
      forge.token({ ...CLAIMS, x: [[[[[[[[[[]]]]]]]]]] }),
      forge.token(`{"x":${"[".repeat(3000)}`),
      forge.token(`${'{"a":'.repeat(1000)}1${"}".repeat(1000)}`),
    ],
  };
}

function timeAttacks(forge: Forge): TokenAttacks {
  const odd = ["", "1", "9999999999", "2030-01-01", null, true, [], {}, [NOW_SECONDS + 60]];
  const raw = (claim: string, value: string) =>
    forge.token(
      JSON.stringify({ ...CLAIMS, [claim]: 7 }).replace(`"${claim}":7`, () => {
        return `"${claim}":${value}`;
      }),
    );
  return {
    "no exp": [forge.token(claimsWithout("exp"))],
    "exp of an odd kind": [
      ...odd.map((exp) => forge.token({ ...CLAIMS, exp })),
      ...["1e400", "1e300", "-1e400", "-1", "-1e300", "0", "253402300800", "NaN", "Infinity"]
        .map((exp) => raw("exp", exp)),
    ],
    "expired": [5, 6, 60, 1e6].map((ago) => forge.token({ ...CLAIMS, exp: NOW_SECONDS - ago })),
    "expired by a fraction": [forge.token({ ...CLAIMS, exp: NOW_SECONDS - 5.001 })],
    "not valid yet (nbf)": [
      ...[5.5, 6, 3600].map((ahead) => forge.token({ ...CLAIMS, nbf: NOW_SECONDS + ahead })),
      ...odd.map((nbf) => forge.token({ ...CLAIMS, nbf })),
      raw("nbf", "1e400"),
    ],
    "issued in the future (iat)": [
      ...[5.5, 6, 3600].map((ahead) => forge.token({ ...CLAIMS, iat: NOW_SECONDS + ahead })),
      ...odd.map((iat) => forge.token({ ...CLAIMS, iat })),
      raw("iat", "1e400"),
    ],
  };
}

function claimAttacks(forge: Forge): TokenAttacks {
  const names = [
    "other",
    "",
    "Ultimate-MCP",
    "ultimate-mcp ",
    "ultimate-mcp\0",
    null,
    7,
    {},
    [],
    ["other"],
    [["ultimate-mcp"]],
    ["ultimate-mcp", 7],
  ];
  const twice = (members: string) => `{${members},${JSON.stringify(CLAIMS).slice(1)}`;
  return {
    "wrong iss": [...names, ["ultimate-mcp"], "ultimate-mcp/"].map((iss) =>
      forge.token({ ...CLAIMS, iss })
    ),
    "wrong aud": names.map((aud) => forge.token({ ...CLAIMS, aud })),
    "no iss, aud or sub": (["iss", "aud", "sub"] as const).map((claim) =>
      forge.token(claimsWithout(claim))
    ),
    "sub of an odd kind": ["", "x".repeat(257), 7, null, [], ["alice"], {}, true, "\ud800"]
      .map((sub) => forge.token({ ...CLAIMS, sub })),
    "jti of an odd kind": ["", "x".repeat(257), 7, null, [], {}, "a\0b", "\udc00"]
      .map((jti) => forge.token({ ...CLAIMS, jti })),
    "duplicate claims": [
      twice('"sub":"mallory"'),
      twice('"exp":1'),
      twice('"\\u0073ub":"mallory"'),
      twice('"x":{"y":1,"y":2}'),
      twice('"__proto__":1,"__proto__":2'),
    ].map((claims) => forge.token(claims)),
    "claims that are no object": ["[]", "null", "7", '"x"', "{", "", "{}x", "\ufeff{}"]
      .map((claims) => forge.token(claims)),
    "claims that are not UTF-8": [forge.token(Buffer.from('{"sub":"\xff"}', "latin1"))],
    "revoked": [forge.token({ ...CLAIMS, jti: REVOKED_ID })],
    "a signature over other bytes": [
      `${part(forge.header)}.${part(CLAIMS)}.${
        createHmac("sha256", "x").update(JSON.stringify(CLAIMS)).digest("base64url")
      }`,
    ],
  };
}
