# Starts processes and signals them, each known by what no other process ever was: its pid together
# with the kernel's ticks at its start and the id of the boot. Deno itself may not read /proc.
#   start LOG COMMAND...     in a session of its own, outliving us; prints its identity
#   attached LOG COMMAND...  the same as our child, killed when our stdin ends, however its writer went,
#                            and when we do
#   alive IDENTITY           exits 0 while that very process runs
#   signal NAME IDENTITY     exits 0 when that very process was there to be sent it
# An identity is printed and taken as three words: pid, ticks, boot.

identity() {
  local stat fields boot
  { read -r stat <"/proc/$1/stat" && read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null || return 1
  # The name may hold spaces and brackets; what follows it begins with the state, field 3.
  read -r -a fields <<<"${stat##*) }"
  # Dead, but not yet taken notice of by its parent.
  [[ ${fields[0]} == [ZX] ]] && return 1
  printf '%s %s %s\n' "$1" "${fields[19]}" "$boot"
}

is_alive() { [[ $(identity "$1") == "$1 $2 $3" ]]; }

# The kernel kills it with us, whatever ends us; it looks whether that has happened before it was asked to.
with_us() {
  exec setpriv --pdeathsig KILL -- \
    bash -c '[[ $PPID == "$0" ]] && exec setsid -- "$@"' "$$" "$@"
}

action=$1
shift
case $action in
  start | attached)
    log=$1
    shift
    # As a job of a shell without job control it leads no group, so that setsid keeps its pid.
    if [[ $action == start ]]; then set -- setsid -- "$@"; else set -- with_us "$@"; fi
    "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    identity "$pid" || exit 1
    [[ $action == start ]] && exit
    exec >/dev/null 2>&1
    cat >/dev/null
    # By job, not by pid: one that has ended may have left its pid to another.
    kill -KILL %1
    wait
    ;;
  alive) is_alive "$@" ;;
  signal)
    name=$1
    shift
    is_alive "$@" && kill -s "$name" "$1"
    ;;
  *) exit 64 ;;
esac
