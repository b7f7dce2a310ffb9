/** What deno.js does, for Node: preloaded by `--require`, and then forgotten. */

const { readSync, writeFileSync, writeSync } = require("node:fs");
const process = require("node:process");

const MAIN = "/tmp/work/main.js";
const READY = new Uint8Array([1]);

function take(size) {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size;) {
    const count = readSync(0, bytes, at, size - at, null);
    if (count === 0) process.exit(1);
    at += count;
  }
  return bytes;
}

function takeWords(size) {
  return size === 0 ? [] : new TextDecoder().decode(take(size)).split("\0").slice(0, -1);
}

writeSync(1, READY);
const [code, args, pairs] = new Uint32Array(take(16).buffer);
writeFileSync(MAIN, take(code));
process.argv.push(...takeWords(args));
for (const pair of takeWords(pairs)) {
  const end = pair.indexOf("=");
  process.env[pair.slice(0, end)] = pair.slice(end + 1);
}
process.execArgv.splice(process.execArgv.findIndex((word) => word.startsWith("--require=")), 1);
delete require.cache[__filename];
