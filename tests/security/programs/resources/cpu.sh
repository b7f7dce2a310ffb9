# tries: to use more of the processor than it asked for, ignoring every signal
# layer: tree-accounting
# outcome: cpu
# limit: cpu_seconds
# limits: cpu_seconds=1
trap '' TERM INT HUP XCPU QUIT
while ((SECONDS < 7)); do :; done
echo "BREACH: used 7 s"
