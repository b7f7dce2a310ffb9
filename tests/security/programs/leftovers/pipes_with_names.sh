# tries: to leave a pipe with a name, and somebody who waits at it
# layer: mount-ns
# runs: 2
if [ -e /tmp/pipe ]; then echo "BREACH: found the pipe"; fi
mkfifo /tmp/pipe
(read -r _ </tmp/pipe &) 2>/dev/null
sleep 0.05
