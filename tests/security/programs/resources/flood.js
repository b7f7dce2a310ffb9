// tries: to flood its output from JavaScript
// layer: runner
// outcome: output
// limit: output_kb
// limits: output_kb=16
const chunk = "x".repeat(65536);
for (let n = 0; n < 1000; n += 1) console.log(chunk);
console.log("\nBREACH: wrote 64 MiB");
