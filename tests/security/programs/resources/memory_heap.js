// tries: to hold more memory than it asked for, in the heap
// layer: tree-accounting
// outcome: memory
// limit: memory_mb
// limits: timeout_seconds=20
const held = [];
for (let n = 0; n < 1e8; n += 1) held.push({ text: `x${n}`, list: [1, 2, 3] });
console.log("BREACH: holds", held.length, "objects");
