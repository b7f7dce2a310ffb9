// tries: to use more of the processor than it asked for, in JavaScript
// layer: tree-accounting
// outcome: cpu
// limit: cpu_seconds
// limits: cpu_seconds=1
const end = Date.now() + 7000;
while (Date.now() < end);
console.log("BREACH: used 7 s");
