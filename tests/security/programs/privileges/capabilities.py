# tries: to find a capability that was left to it
# layer: caps-dropped
with open("/proc/self/status", encoding="ascii") as file:
    status = dict(line.split(":", 1) for line in file)
for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
    if int(status[name], 16) != 0:
        print("BREACH:", name, "is", status[name].strip())
