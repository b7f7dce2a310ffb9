import assert from "node:assert/strict";
import fc from "fast-check";
import { parseKinds } from "../../wire/lossless_json.ts";
import { MemberCount } from "./member_count.ts";
import { parsedBody } from "./parsed_body.ts";

const ENCODER = new TextEncoder();

/** Every place that a text can be cut at. */
function cutsOf(bytes: Uint8Array): number[] {
  const cuts: number[] = [];
  new MemberCount((offset) => cuts.push(offset)).add(bytes);
  return cuts;
}

/** What a text is, whole and in pieces: its value, or that it is refused. */
async function readings(text: string): Promise<readonly [whole: unknown, pieces: unknown]> {
  const bytes = ENCODER.encode(text);
  const read = (cuts: readonly number[]) =>
    parsedBody(bytes, cuts, parseKinds).catch(() => "refused");
  return [await read([]), await read(cutsOf(bytes))];
}

const TEXTS: readonly (readonly [text: string, cuts: number])[] = [
  ['{"a":[1,2,3],"b":[4.0,5]}', 3],
  ['{"a":[{"b":[1,2]},{"c":"],\\"x"},[]],"d":{"e":1,"f":[1,2]}}', 2],
  ['{"a":[1,2],"b":[3,4],"a":[5,6]}', 3],
  ['{"a":[1,2],"b":[],"a":7}', 1],
  ['{"__proto__":[1,2],"constructor":[3,4]}', 2],
  ['{"2":[1,2],"1":[3,4],"":[5,6]}', 3],
  ["[1,2,3]", 0],
  ["[[1,2],[3]]", 0],
  ['{"a":[1,,2]}', 2],
  ['{"a":[,1]}', 1],
  ['{"a":[1,]}', 1],
  ['{"a":[1,2}', 1],
  ['{"a":[1,2],}', 1],
  ['{"a":[1,2]]', 1],
  ['{"a":[1,"b":2]}', 1],
  ['{"a":[1,2]} {"b":[1,2]}', 2],
  ['{"a":[1,2]}}{"a":[1,2', 1],
  ['{"a":[1,\ufeff2]}', 1],
  ["{}", 0],
  ['{"é":["数据","😀"]}', 1],
];

for (const [text, cuts] of TEXTS) {
  Deno.test(`parsedBody() reads ${JSON.stringify(text)} in pieces as whole [S35]`, async () => {
    assert.equal(cutsOf(ENCODER.encode(text)).length, cuts);
    const [whole, pieces] = await readings(text);
    assert.deepEqual(pieces, whole);
  });
}

Deno.test("parsedBody() reads any text in pieces as whole, or refuses it as whole [S35]", async () => {
  const json = fc.jsonValue({ maxDepth: 5 }).map((value) => JSON.stringify(value));
  const lists = fc.dictionary(fc.string({ maxLength: 2 }), fc.array(fc.jsonValue({ maxDepth: 2 })))
    .map((value) => JSON.stringify(value));
  const near = fc.string({
    unit: fc.constantFrom(...'{}[],:"1a\\ ', '"a":[', "],", "[1,"),
    maxLength: 20,
  });
  const broken = fc.tuple(lists, fc.nat(), near).map(([text, at, piece]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + piece + text.slice(place);
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(json, lists, near, broken), async (text) => {
      // V8 15.0 itself, once it has read a key `\\`, takes keys such as `\"` for it.
      fc.pre(text !== "" && !text.includes("\\\\"));
      const [whole, pieces] = await readings(text);
      assert.deepEqual(pieces, whole);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("parsedBody() tells where a text is no JSON, in pieces as whole [S35]", async () => {
  const text = '{"a":["é",2,3],"b":[4,5 6]}';
  const bytes = ENCODER.encode(text);
  const reasonOf = (cuts: readonly number[]) =>
    parsedBody(bytes, cuts, parseKinds).then(String, (error) => String(error.message));
  const whole = await reasonOf([]);
  assert.match(whole, /position \d+$/);
  assert.equal(await reasonOf(cutsOf(bytes)), whole);
});

Deno.test("MemberCount tells commas between items of the outermost object's lists, however it is cut [S35]", () => {
  const bytes = ENCODER.encode('{"a":[1,[2,3],{"b":4,"c":5}],"d":{"e":1,"f":2},"g":[6,7]}');
  const whole = cutsOf(bytes);
  assert.equal(whole.length, 3);
  const single: number[] = [];
  const count = new MemberCount((offset) => single.push(offset));
  for (const byte of bytes) count.add(new Uint8Array([byte]));
  assert.deepEqual(single, whole);
  assert.equal(count.sinceItem, 0);
});
