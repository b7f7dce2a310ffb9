# tries: to hold more memory than it asked for, in a shell
# layer: tree-accounting
# outcome: memory
# limit: memory_mb
# limits: memory_mb=64 timeout_seconds=20
held=xxxxxxxxxxxxxxxx
while [ ${#held} -lt 1073741824 ]; do held=$held$held; done
echo "BREACH: holds 1 GiB"
