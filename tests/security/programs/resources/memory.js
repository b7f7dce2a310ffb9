// tries: to hold more memory than it asked for, outside the heap
// layer: tree-accounting
// outcome: memory
// limit: memory_mb
// limits: timeout_seconds=20
const held = [];
for (let n = 0; n < 64; n += 1) held.push(new Uint8Array(64 << 20).fill(1));
console.log("BREACH: holds 4 GiB", held.length);
