# tries: to find what the forker knew: its modules, its arguments, the table of its system calls
# layer: runner
import gc
import sys

OWN = ("broker", "forker", "starters", "slots", "steps", "service", "runs", "confine", "run_init", "kernel")
for name in OWN:
    if name in sys.modules:
        print("BREACH: module", name, "is there to be imported")
for found in gc.get_objects():
    kind = type(found)
    if kind.__name__ in ("Service", "Outlet", "Run", "Holder") and kind.__module__ in ("service", "runs", "holding"):
        print("BREACH: holds the broker's", kind)
if any("broker" in word or "=" in word for word in sys.orig_argv + sys.argv):
    print("BREACH: sees the forker's arguments", sys.orig_argv)
