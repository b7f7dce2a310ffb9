import assert from "node:assert/strict";
import { MemberCount } from "./member_count.ts";

const CASES: readonly (readonly [json: string, members: number, deepest: number])[] = [
  ['"a,b[{"', 0, 0],
  ['{"a":1}', 1, 1],
  ['{"a":1,"b":[1,2,3],"c":{"d":null}}', 7, 2],
  [String.raw`["\"[,{\\",2]`, 2, 1],
  ["[[[]]]", 3, 3],
  ["[[],[[]],[]]", 7, 3],
];

for (const [json, members, deepest] of CASES) {
  Deno.test(`MemberCount.add() counts ${members} in ${json} and ${deepest} levels, however it is cut [S35]`, () => {
    const bytes = new TextEncoder().encode(json);
    assert.equal(new MemberCount().add(bytes), members);
    const cut = new MemberCount();
    for (const byte of bytes) cut.add(new Uint8Array([byte]));
    assert.equal(cut.add(new Uint8Array()), members);
    assert.equal(cut.deepest, deepest);
  });
}
