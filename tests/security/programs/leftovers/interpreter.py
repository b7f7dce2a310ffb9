# tries: to leave a changed interpreter for the next run
# layer: runner
# runs: 2
import builtins
import json
import os
import sys

if hasattr(builtins, "left") or hasattr(sys, "left") or hasattr(json, "left") or "left" in sys.modules:
    print("BREACH: found a changed module")
if "LEFT" in os.environ or sys.getrecursionlimit() == 77_777 or "/tmp/left" in sys.path:
    print("BREACH: found a changed interpreter")
builtins.left = sys.left = json.left = True
sys.modules["left"] = json
os.environ["LEFT"] = "left"
sys.path.insert(0, "/tmp/left")
sys.setrecursionlimit(77_777)
builtins.open = None
