# tries: to find a limit that was not set, and to raise those that were
# layer: rlimits
import resource

HIGHEST = {"NPROC": 256, "NOFILE": 1024, "FSIZE": 1 << 30, "CORE": 1, "MEMLOCK": 0, "MSGQUEUE": 0,
           "CPU": 3602, "NICE": 0, "RTPRIO": 0, "SIGPENDING": 1024}
for name, highest in HIGHEST.items():
    kind = getattr(resource, f"RLIMIT_{name}", {"SIGPENDING": 11, "NICE": 13, "RTPRIO": 14}.get(name))
    soft, hard = resource.getrlimit(kind)
    if hard == resource.RLIM_INFINITY or hard > highest:
        print("BREACH:", name, "is limited to", hard)
    for raised in (hard + 1, resource.RLIM_INFINITY):
        try:
            resource.setrlimit(kind, (soft, raised))
            print("BREACH: raised", name)
        except (OSError, ValueError):
            pass
