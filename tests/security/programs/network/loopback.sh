# tries: to reach services by the shell's own connections
# layer: seccomp
for target in tcp/127.0.0.1/22 tcp/127.0.0.1/8000 udp/127.0.0.1/53 tcp/localhost/80 tcp/169.254.169.254/80; do
  if (exec 3<>"/dev/$target") 2>/dev/null; then echo "BREACH: reached $target"; fi
done
true
