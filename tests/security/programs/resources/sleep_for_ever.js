// tries: to wait for ever on a promise and a timer
// layer: tree-accounting
// outcome: timeout
// limit: timeout_seconds
// limits: timeout_seconds=1
setInterval(() => {}, 1000);
await new Promise(() => {});
console.log("BREACH: waited for ever");
