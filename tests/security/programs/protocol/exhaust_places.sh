# tries: to keep every place there is
# layer: runner
# at-once: 16
# outcome: timeout
# limits: timeout_seconds=0.5
sleep infinity
