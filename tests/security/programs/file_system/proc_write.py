# tries: to change the machine by /proc
# layer: mount-ns
import os

for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname", "/proc/sysrq-trigger",
             "/proc/sys/user/max_user_namespaces", "/proc/self/uid_map", "/proc/self/setgroups",
             "/proc/self/oom_score_adj", "/proc/1/oom_score_adj", "/proc/self/attr/current",
             "/proc/self/ns_last_pid", "/proc/self/timerslack_ns", "/proc/self/coredump_filter"):
    try:
        descriptor = os.open(path, os.O_WRONLY)
        print("BREACH: may write", path)
        os.close(descriptor)
    except OSError:
        pass
