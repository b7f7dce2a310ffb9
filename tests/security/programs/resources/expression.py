# tries: to stay in a computation that looks at no signal
# layer: tree-accounting
# outcome: timeout
# limits: timeout_seconds=0.7
import re

re.match(r"(a+)+$", "a" * 64 + "b")
print("BREACH: came to an end")
