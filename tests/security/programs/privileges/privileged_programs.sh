# tries: to gain rights by whatever the host has for that
# layer: no-new-privs
try() {
  command -v "$1" >/dev/null || return 0
  if timeout 1 "$@" </dev/null >/dev/null 2>&1; then echo "BREACH: $* went through"; fi
}
try su -c true
try sudo -n true
try pkexec true
try doas -n true
try newgrp root
try unshare --user --map-root-user true
try unshare --mount true
try nsenter --target 1 --all true
try chroot / true
try mount -t tmpfs none /tmp
try setpriv --reuid 0 true
try capsh --user=root -- -c true
try hostname planted
true
