import { Buffer } from "node:buffer";
import { generateKeyPairSync, sign } from "node:crypto";
import {
  CLAIMS,
  type Forge,
  hmacToken,
  ISSUER,
  part,
  PUBLIC_JWK,
  PUBLIC_PEM,
} from "../fixtures/token_forge.ts";

/** Tokens that must be refused, by what they try. Each is signed rightly unless that is what it tries. */
export type TokenAttacks = Readonly<Record<string, readonly string[]>>;

/** An attacker's own key pair. */
const MINE = generateKeyPairSync("rsa", { modulusLength: 2048 });

const EXTENSIONS = [["exp"], ["b64"], ["unknown"], [], ["alg"], "exp", null, {}, [7], [
  "b64",
  "b64",
]];
const KIDS = [
  "../../../../dev/null",
  "/dev/null",
  "' UNION SELECT 'evil' --",
  "key-1' OR '1'='1",
  "key-1\0",
  "http://127.0.0.1:1/keys",
  "file:///dev/null",
  "__proto__",
  "constructor",
  "|/usr/bin/id",
  "x".repeat(2000),
];

/** The token's text with another signature. */
export function resigned(token: string, change: (signature: string) => string): string {
  const [header, claims, signature = ""] = token.split(".");
  return `${header}.${claims}.${change(signature)}`;
}

/** The issuer's public key in every form that could be taken for a secret. */
function publicKeys() {
  return [
    PUBLIC_PEM,
    PUBLIC_PEM.trim(),
    PUBLIC_PEM.replaceAll("\n", "\r\n"),
    PUBLIC_PEM.replaceAll(/-----[^-]+-----|\n/g, ""),
    ISSUER.publicKey.export({ type: "spki", format: "der" }),
    ISSUER.publicKey.export({ type: "pkcs1", format: "der" }),
    String(ISSUER.publicKey.export({ type: "pkcs1", format: "pem" })),
    JSON.stringify(PUBLIC_JWK),
    String(PUBLIC_JWK.n),
    Buffer.from(String(PUBLIC_JWK.n), "base64url"),
  ];
}

/** Attacks by the algorithm and the key. */
export function algorithmAttacks(forge: Forge): TokenAttacks {
  const { alg: _, ...headerWithoutAlg } = forge.header;
  const unsigned = ["none", "None", "NONE", "nOnE", "", null, ["none"], { alg: "none" }, 0, true];
  const curve = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const asymmetric = (alg: string, hash: string, key: typeof MINE.privateKey) => {
    const text = `${part({ ...forge.header, alg })}.${part(CLAIMS)}`;
    const signature = sign(hash, Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });
    return `${text}.${signature.toString("base64url")}`;
  };
  const header = { ...forge.header, alg: "HS256" };
  return {
    "alg: none in every spelling": unsigned.flatMap((alg) => [
      `${part({ ...forge.header, alg })}.${part(CLAIMS)}.`,
      `${part({ ...forge.header, alg })}.${part(CLAIMS)}`,
      resigned(forge.token(CLAIMS, { ...forge.header, alg }), () => ""),
      forge.token(CLAIMS, { ...forge.header, alg }),
    ]),
    "no alg": [
      forge.token(CLAIMS, headerWithoutAlg),
      `${part(headerWithoutAlg)}.${part(CLAIMS)}.`,
      forge.token(CLAIMS, {}),
    ],
    "another algorithm's name": ["HS384", "HS512", "ES256", "PS256", "hs256", "rs256", " HS256"]
      .map((alg) => forge.token(CLAIMS, { ...forge.header, alg })),
    "HS/RS confusion with the public key as secret": publicKeys().flatMap((key) => [
      hmacToken(key, CLAIMS, header),
      hmacToken(key, CLAIMS, { alg: "HS256", typ: "JWT" }),
    ]),
    "a key of the attacker's": [
      asymmetric("RS256", "RSA-SHA256", MINE.privateKey),
      asymmetric("ES256", "SHA256", curve),
      asymmetric("RS256", "SHA256", curve),
    ],
    "an empty or guessed secret": ["", "\0", "secret", "ultimate-mcp", "HS256"]
      .map((key) => hmacToken(key, CLAIMS, header)),
  };
}

/** Attacks by what else stands in the header. */
export function headerAttacks(forge: Forge): TokenAttacks {
  const evil = "evil-evil-evil-evil-evil-evil-ev";
  const minePublic = MINE.publicKey.export({ format: "jwk" });
  const byMine = (more: object) => {
    const text = `${part({ alg: "RS256", typ: "JWT", ...more })}.${part(CLAIMS)}`;
    return `${text}.${
      sign("RSA-SHA256", Buffer.from(text), MINE.privateKey).toString("base64url")
    }`;
  };
  const byEvil = (more: object) => hmacToken(evil, CLAIMS, { alg: "HS256", typ: "JWT", ...more });
  return {
    "kid traversal and injection": KIDS.flatMap((kid) => [
      byMine({ kid }),
      byEvil({ kid }),
      ...["", "\0", "evil"].map((key) => hmacToken(key, CLAIMS, { alg: "HS256", typ: "JWT", kid })),
    ]),
    "kid of an odd kind": [7, null, [], {}, ["key-1"], true].map((kid) => byMine({ kid })),
    "jku, x5u, x5c and jwk in the header": [
      byMine({ jku: "http://127.0.0.1:1/keys" }),
      byMine({ x5u: "http://127.0.0.1:1/cert.pem" }),
      byMine({ jwk: minePublic }),
      byMine({ jwk: { ...minePublic, kid: "key-1" }, kid: "key-1" }),
      byMine({ x5c: [part(MINE.publicKey.export({ type: "spki", format: "der" }))] }),
      byEvil({ jwk: { kty: "oct", k: part(evil) } }),
      byEvil({ jku: "data:application/json,{}", kid: "key-1" }),
    ],
    "crit: known, unknown, empty, of odd kinds": EXTENSIONS.map((crit) =>
      forge.token(CLAIMS, { ...forge.header, crit, b64: true, unknown: 1 })
    ),
    "b64: false": [
      forge.token(CLAIMS, { ...forge.header, b64: false, crit: ["b64"] }),
      forge.token(CLAIMS, { ...forge.header, b64: false }),
      `${part({ ...forge.header, b64: false, crit: ["b64"] })}.${JSON.stringify(CLAIMS)}.AAAA`,
    ],
    "another typ": [
      undefined,
      null,
      "",
      "jwe",
      "at",
      "secevent+jwt",
      "dpop+jwt",
      ["JWT"],
      7,
      "JWT\0",
    ]
      .map((typ) => forge.token(CLAIMS, { ...forge.header, typ })),
    "duplicate members of the header": [
      forge.token(CLAIMS, `{"alg":"none","alg":"${forge.header["alg"]}","typ":"JWT"}`),
      forge.token(CLAIMS, `{"alg":"${forge.header["alg"]}","typ":"JWT","\\u0061lg":"none"}`),
      forge.token(CLAIMS, `{"alg":"${forge.header["alg"]}","typ":"JWT","x":{"a":1,"a":2}}`),
    ],
    "a header that is no object": ["[]", "null", "7", '"x"', "", "{", '{"alg":'].map((header) =>
      forge.token(CLAIMS, header)
    ),
  };
}
