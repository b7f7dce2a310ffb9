# tries: to fork without end, as shells do
# layer: rlimits
# outcome: nonzero|timeout|cpu|ok|output
# limits: timeout_seconds=1 processes=16 output_kb=16
bomb() { bomb | bomb & }
bomb
count() { set -- /proc/[0-9]*; [ "$#" -gt 24 ] && echo "BREACH: $# processes"; }
count
sleep 0.1
count
true
