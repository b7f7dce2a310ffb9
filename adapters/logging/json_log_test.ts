import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { LogField } from "../../domain/ports/log.ts";
import { createLog, type LogParts } from "./json_log.ts";

const clock = { now: () => Date.UTC(2026, 0, 1, 12, 30, 15, 42), monotonic: () => 0 };

interface Sink {
  readonly batches: string[];
  readonly write: (text: string) => Promise<void>;
}

function sink(): Sink {
  const batches: string[] = [];
  return {
    batches,
    write(text) {
      batches.push(text);
      return Promise.resolve();
    },
  };
}

function parts(sink: Sink, rest: Partial<LogParts> = {}): LogParts {
  return { level: "info", format: "json", clock, write: sink.write, ...rest };
}

Deno.test("createLog() writes one JSON object a line with time, level and event first [S39]", async () => {
  const seen = sink();
  {
    await using log = createLog(parts(seen));
    log.write("info", "run_finished", { correlation_id: "abcdefgh", seconds: 0.5, layers: ["a"] });
    log.write("error", "run_lost", { reason: "line\nbreak" });
  }
  strictEqual(
    seen.batches.join(""),
    '{"time":"2026-01-01T12:30:15.042Z","level":"info","event":"run_finished",' +
      '"correlation_id":"abcdefgh","seconds":0.5,"layers":["a"]}\n' +
      '{"time":"2026-01-01T12:30:15.042Z","level":"error","event":"run_lost",' +
      '"reason":"line\\nbreak"}\n',
  );
});

Deno.test("createLog() lets no field replace time, level or event [S39]", async () => {
  const seen = sink();
  {
    await using log = createLog(parts(seen));
    log.write("info", "real", { event: "forged", level: "debug", time: "never" });
  }
  deepStrictEqual(JSON.parse(seen.batches.join("")), {
    time: "2026-01-01T12:30:15.042Z",
    level: "info",
    event: "real",
  });
});

Deno.test("createLog() drops what is below its level", async () => {
  const seen = sink();
  {
    await using log = createLog(parts(seen, { level: "warn" }));
    log.write("debug", "a");
    log.write("info", "b");
    log.write("warn", "c");
    log.write("error", "d");
  }
  deepStrictEqual(seen.batches.join("").match(/"event":"."/g), ['"event":"c"', '"event":"d"']);
});

Deno.test("createLog() gathers lines and hands a warning on at once with those before it", async () => {
  const seen = sink();
  await using log = createLog(parts(seen));
  log.write("info", "first");
  log.write("info", "second");
  strictEqual(seen.batches.length, 0);
  log.write("warn", "third");
  strictEqual(seen.batches.length, 1);
  strictEqual(seen.batches.join("").split("\n").length, 4);
});

Deno.test("createLog() hands on at 32 KiB without waiting for its timer", async () => {
  const seen = sink();
  await using log = createLog(parts(seen));
  log.write("info", "small");
  strictEqual(seen.batches.length, 0);
  log.write("info", "large", { text: "x".repeat(32 * 1024) });
  strictEqual(seen.batches.length, 1);
});

Deno.test("createLog() hands a quiet log's lines on by itself", async () => {
  const written = Promise.withResolvers<string>();
  await using log = createLog(
    parts(sink(), {
      write(text) {
        written.resolve(text);
        return Promise.resolve();
      },
    }),
  );
  log.write("info", "alone");
  // The log's own timer keeps nothing alive, so the test must.
  const alive = setInterval(() => {}, 1000);
  match(await written.promise, /"event":"alone"/);
  clearInterval(alive);
});

Deno.test("createLog() never has two writes to its sink under way, and keeps their order", async () => {
  const gates: PromiseWithResolvers<void>[] = [];
  const seen: string[] = [];
  const log = createLog(parts(sink(), {
    write(text) {
      seen.push(text);
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      return gate.promise;
    },
  }));
  log.write("error", "first");
  log.write("error", "second");
  log.write("error", "third");
  strictEqual(seen.length, 1);
  const closed = log[Symbol.asyncDispose]();
  gates[0]?.resolve();
  while (gates.length < 2) await Promise.resolve();
  gates[1]?.resolve();
  await closed;
  deepStrictEqual(seen.join("").match(/first|second|third/g), ["first", "second", "third"]);
  strictEqual(seen.length, 2);
});

Deno.test("createLog() goes on after its timer found nothing left to write", async () => {
  const gate = Promise.withResolvers<void>();
  const seen: string[] = [];
  await using log = createLog(parts(sink(), {
    async write(text) {
      seen.push(text);
      await gate.promise;
    },
  }));
  log.write("error", "first");
  log.write("info", "second");
  gate.resolve();
  // Past the log's 50 ms: its timer fires after the write above has taken the second line along.
  await new Promise((resolve) => setTimeout(resolve, 80));
  log.write("error", "third");
  deepStrictEqual(seen.join("").match(/first|second|third/g), ["first", "second", "third"]);
});

Deno.test("createLog() goes on after a sink that throws before it returns", async () => {
  const seen: string[] = [];
  const log = createLog(parts(sink(), {
    write(text) {
      if (text.includes("first")) throw new Error("EPIPE");
      seen.push(text);
      return Promise.resolve();
    },
  }));
  log.write("error", "first");
  log.write("error", "second");
  await log[Symbol.asyncDispose]();
  match(seen.join(""), /second/);
});

Deno.test("createLog() bounds what it keeps for a sink that hangs and tells how much was lost", async () => {
  const gate = Promise.withResolvers<void>();
  const seen: string[] = [];
  const log = createLog(parts(sink(), {
    async write(text) {
      seen.push(text);
      await gate.promise;
    },
  }));
  const text = "x".repeat(100_000);
  for (let line = 0; line < 30; line++) log.write("error", "line", { text });
  gate.resolve();
  await log[Symbol.asyncDispose]();
  const kept = seen.join("").match(/"event":"line"/g)?.length ?? 0;
  const lost = Number(/"event":"log_lines_dropped","lines":(\d+)/.exec(seen.join(""))?.[1]);
  ok(seen.join("").length < 1_300_000);
  strictEqual(kept + lost, 30);
});

Deno.test("createLog() never throws: a failing sink, an unreadable field, a broken clock", async () => {
  const seen = sink();
  {
    await using log = createLog(parts(seen, { write: () => Promise.reject(new Error("EPIPE")) }));
    log.write("error", "lost");
  }
  {
    await using log = createLog(parts(seen));
    // A caller outside the types, which is what the guard is for.
    log.write("info", "big", { count: 1n as unknown as LogField });
  }
  {
    await using log = createLog(parts(seen, { clock: { ...clock, now: () => NaN } }));
    log.write("info", "timeless");
  }
  const lines = seen.batches.map((line) => JSON.parse(line));
  deepStrictEqual(lines.map((line) => [line.event, line.logged_event]), [
    ["log_line_unreadable", "big"],
    ["log_line_unreadable", "timeless"],
  ]);
});

Deno.test("createLog() drops lines after it is closed", async () => {
  const seen = sink();
  const log = createLog(parts(seen));
  await log[Symbol.asyncDispose]();
  log.write("error", "late");
  deepStrictEqual(seen.batches, []);
});

Deno.test("createLog() writes text for a person that cannot steer a terminal", async () => {
  const seen = sink();
  {
    await using log = createLog(parts(seen, { format: "pretty" }));
    log.write("warn", "run refused", { id: "abc-1", text: "\u001b[31mred\n\u009bX", count: 2 });
  }
  strictEqual(
    seen.batches.join(""),
    '12:30:15.042 WARN  run_refused id=abc-1 text="\\u001b[31mred\\n\\u{9b}X" count=2\n',
  );
});
