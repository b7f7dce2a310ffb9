# tries: to open files without end, in a shell
# layer: rlimits
# outcome: nonzero
# limit: open_files
for number in {10..2000}; do
  eval "exec $number</dev/null" || exit 1
done
echo "BREACH: opened 1,990"
