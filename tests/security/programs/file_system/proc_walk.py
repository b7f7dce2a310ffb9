# tries: to read of the machine in /proc
# layer: mount-ns
import os

odd = [name for name in os.listdir("/proc") if not name.isdigit() and name not in ("self", "thread-self")]
for name in ("kallsyms", "kcore", "kmsg", "config.gz", "cmdline", "cpuinfo", "meminfo", "mounts", "net",
             "sys", "sysrq-trigger", "modules", "interrupts", "keys", "key-users", "timer_list", "sysvipc"):
    if os.path.exists(f"/proc/{name}"):
        odd.append(name)
if odd:
    print("BREACH: sees", sorted(odd))
