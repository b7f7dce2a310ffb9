// tries: to start workers without end
// layer: rlimits
// outcome: nonzero|memory|signal|timeout|cpu
// limits: timeout_seconds=3
const url = URL.createObjectURL(new Blob(["for (;;) {}"]));
for (let started = 0; started < 500; started += 1) new Worker(url, { type: "module" });
console.log("BREACH: started 500 workers");
