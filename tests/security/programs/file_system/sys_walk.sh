# tries: to find /sys, a cgroup tree or a debug file system
# layer: mount-ns
for path in /sys /sys/fs/cgroup /sys/kernel/debug /proc/sys /proc/fs /dev/mqueue /dev/hugepages /dev/pts; do
  if [ -e "$path" ]; then echo "BREACH: sees $path"; fi
done
while read -r _ _ _ _ point _ rest; do
  case "$rest" in
    *"- cgroup"* | *"- sysfs"* | *"- debugfs"* | *"- devpts"* | *"- mqueue"* | *"- securityfs"*)
      echo "BREACH: $point is $rest" ;;
  esac
done </proc/self/mountinfo
