# tries: to find a network interface that could carry anything
# layer: net-ns
with open("/proc/self/net/dev", encoding="ascii") as file:
    names = {line.partition(":")[0].strip() for line in file if ":" in line}
if names - {"lo"}:
    print("BREACH: sees", sorted(names))
with open("/proc/self/net/route", encoding="ascii") as file:
    if len(file.read().strip().split("\n")) > 1:
        print("BREACH: there is a route")
