# tries: to see which sockets the host has open
# layer: net-ns
for name in ("tcp", "tcp6", "udp", "udp6", "raw", "packet"):
    try:
        with open(f"/proc/self/net/{name}", encoding="ascii") as file:
            found = len(file.read().strip().split("\n")) - 1
    except FileNotFoundError:
        continue
    if found > 0:
        print("BREACH: sees", found, "sockets in", name)
with open("/proc/self/net/unix", encoding="ascii") as file:
    named = [line.split()[-1] for line in file if line.rstrip().count(" ") >= 7 and line.split()[-1][:1] in "@/"]
if named:
    print("BREACH: sees unix sockets", named[:5])
