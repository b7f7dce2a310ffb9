# tries: to use more of the processor than it asked for, ignoring every signal
# layer: tree-accounting
# outcome: cpu
# limit: cpu_seconds
# limits: cpu_seconds=1 timeout_seconds=30
trap '' TERM INT HUP XCPU QUIT
while :; do :; done
