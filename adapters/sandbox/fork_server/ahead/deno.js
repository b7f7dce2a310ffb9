/**
 * What a Deno that was started ahead does before its program: it says that it is ready, waits at its
 * standard input for the job (wire.py), places it, and lets Deno go on to `main.js` as its main module.
 * No byte more is read: what follows the job is the program's own input.
 */

const MAIN = "/tmp/work/main.js";
const READY = new Uint8Array([1]);

function take(size) {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size;) {
    const count = Deno.stdin.readSync(bytes.subarray(at));
    if (count === null) Deno.exit(1);
    at += count;
  }
  return bytes;
}

function takeWords(size) {
  return size === 0 ? [] : new TextDecoder().decode(take(size)).split("\0").slice(0, -1);
}

Deno.stdout.writeSync(READY);
const [code, args, pairs] = new Uint32Array(take(16).buffer);
Deno.writeFileSync(MAIN, take(code));
Deno.args.push(...takeWords(args));
for (const pair of takeWords(pairs)) {
  const end = pair.indexOf("=");
  Deno.env.set(pair.slice(0, end), pair.slice(end + 1));
}
