/**
 * What runs before tests in Deno: it tells the harness of each test that is registered and begun, of what
 * tests write, and of errors that none of them caught. Whether a test passes is Deno's to say, not this script's.
 */

const SECRET = "@SECRET@";
const PIPE = "/tmp/work/told";
const LONGEST = 4000;

const pipe = Deno.openSync(PIPE, { write: true });
const encoder = new TextEncoder();
const { stringify } = JSON;
const STREAMS = { stdout: "1", stderr: "2" };

function say(word) {
  let rest = encoder.encode(`${SECRET} ${word}\n`);
  while (rest.length > 0) rest = rest.subarray(pipe.writeSync(rest));
}

function tell(kind, ...words) {
  say(stringify([kind, ...words]));
}

function base64(bytes) {
  return bytes.toBase64();
}

function write(stream, bytes) {
  for (let at = 0; at < bytes.length; at += LONGEST) {
    say(STREAMS[stream] + base64(bytes.subarray(at, at + LONGEST)));
  }
  return bytes.length;
}

/** Has what is written by the usual ways come to the harness. */
function redirect() {
  const { Console } = Deno[Deno.internal] ?? {};
  if (Console !== undefined) {
    globalThis.console = new Console((text, level) =>
      write(level > 1 ? "stderr" : "stdout", encoder.encode(text))
    );
  }
  for (const stream of ["stdout", "stderr"]) {
    Deno[stream].writeSync = (bytes) => write(stream, bytes);
    Deno[stream].write = (bytes) => Promise.resolve(write(stream, bytes));
  }
}

/** Where somebody called a function of this script: [file, line]. */
function callerOf(own) {
  const holder = {};
  Error.captureStackTrace(holder, own);
  const [, file, line] = /(file:\/\/[^\s()]*):(\d+):\d+/.exec(String(holder.stack)) ?? [];
  return [file ?? null, line === undefined ? null : Number(line)];
}

/** The arguments of a registration, with a function that says when it begins. */
function heard(args, place) {
  const at = args.findLastIndex((arg) => typeof arg === "function");
  const options = args.find((arg) => typeof arg === "object" && arg !== null);
  const own = at >= 0 ? args[at] : options?.fn;
  if (typeof own !== "function") return args;
  const [first] = args;
  const name = String(typeof first === "string" ? first : options?.name ?? own.name);
  tell("found", name, ...place);
  const told = {
    [own.name](...given) {
      tell("begun", name, ...place);
      return Reflect.apply(own, this, given);
    },
  }[own.name];
  if (at >= 0) return args.with(at, told);
  return args.map((arg) => arg === options ? { ...options, fn: told } : arg);
}

function watched(register) {
  return function test(...args) {
    return Reflect.apply(register, this, heard(args, callerOf(test)));
  };
}

function watch() {
  const { test } = Deno;
  const each = Object.entries(test).map((
    [name, value],
  ) => [name, name === "only" || name === "ignore" || name === "skip" ? watched(value) : value]);
  Deno.test = Object.assign(watched(test), Object.fromEntries(each));
}

function uncaught(error) {
  const text = String(error instanceof Error ? error.stack ?? error : error);
  tell("uncaught", text.slice(0, LONGEST));
}

addEventListener("error", (event) => uncaught(event.error ?? event.message));
addEventListener("unhandledrejection", (event) => uncaught(event.reason));
redirect();
watch();
tell("ready");
