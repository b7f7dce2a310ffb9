# tries: to flood both of its outputs from several processes
# layer: runner
# outcome: output
# limit: output_kb
# limits: output_kb=16
for _ in 1 2 3; do (yes out & yes error >&2 & wait) & done
wait
echo "BREACH: flooded for ever"
