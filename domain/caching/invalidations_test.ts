import assert from "node:assert/strict";
import fc from "fast-check";
import { Invalidations } from "./invalidations.ts";

Deno.test("Invalidations lets nothing through that was deleted since, nor forbids what was not, while it remembers [S23]", () => {
  const step = fc.oneof(
    fc.record({ clear: fc.constant(false), key: fc.integer({ min: 0, max: 5 }) }),
    { weight: 1, arbitrary: fc.record({ clear: fc.constant(true), key: fc.constant(0) }) },
  );
  fc.assert(fc.property(fc.array(step), fc.boolean(), (steps, forgetful) => {
    const invalidations = new Invalidations(forgetful ? 2 : 100);
    const history: (number | "all")[] = [];
    for (const { clear, key } of steps) {
      if (clear) invalidations.clear();
      else invalidations.delete(`${key}`);
      history.push(clear ? "all" : key);
      assert.equal(invalidations.version, history.length);
    }
    for (let since = 0; since <= history.length; since += 1) {
      for (let key = 0; key <= 6; key += 1) {
        const gone = history.slice(since).some((what) => what === "all" || what === key);
        const current = invalidations.isCurrent(`${key}`, since);
        assert.ok(!(gone && current), `${key} since ${since}`);
        if (!forgetful) assert.equal(current, !gone);
      }
    }
  }));
});
