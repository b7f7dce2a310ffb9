// tries: to use more of the processor than it asked for, in JavaScript
// layer: tree-accounting
// outcome: cpu
// limit: cpu_seconds
// limits: cpu_seconds=1 timeout_seconds=30
for (;;);
