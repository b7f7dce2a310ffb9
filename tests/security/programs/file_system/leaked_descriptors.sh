# tries: to use descriptors that the sandbox forgot to close before it started a shell
# layer: runner
for path in /proc/$$/fd/*; do
  # The shell itself holds the script.
  if [ "${path##*/}" -gt 2 ] && [ -e "$path" ] && ! [ "$path" -ef /tmp/work/main.sh ]; then
    printf 'BREACH: holds %s: ' "${path##*/}"
    readlink "$path"
  fi
done
true
