# tries: to keep the sandbox busy with runs that end at once
# layer: runner
# at-once: 40
exit 0
