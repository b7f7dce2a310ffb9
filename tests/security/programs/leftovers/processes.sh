# tries: to leave processes for the next run
# layer: pid-ns
# runs: 2
set -- /proc/[0-9]*
[ "$#" -eq 2 ] || echo "BREACH: found $*"
(setsid sleep 30 >/dev/null 2>&1 &)
sleep 0.05
