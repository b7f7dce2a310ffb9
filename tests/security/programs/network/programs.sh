# tries: to use whatever network programs the host has
# layer: seccomp
try() {
  command -v "$1" >/dev/null || return 0
  if timeout 1 "$@" >/dev/null 2>&1; then echo "BREACH: $* went through"; fi
}
try curl -s http://127.0.0.1:8000/health
try wget -q -O /dev/null http://127.0.0.1:8000/health
try ping -c 1 -W 1 127.0.0.1
try ip link
try getent ahosts example.org
try nc -z 127.0.0.1 22
try perl -e 'use Socket; socket(S, PF_INET, SOCK_STREAM, 0) or exit 1'
true
