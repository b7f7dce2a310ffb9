# tries: to sleep for ever
# layer: tree-accounting
# outcome: timeout
# limit: timeout_seconds
# limits: timeout_seconds=0.5
sleep infinity
echo "BREACH: slept for ever"
