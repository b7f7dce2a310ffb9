# tries: to wait for ever on a pipe of its own, in many threads
# layer: tree-accounting
# outcome: timeout
# limit: timeout_seconds
# limits: timeout_seconds=0.5
import os
import threading

reader, writer = os.pipe()
for _ in range(4):
    threading.Thread(target=os.read, args=(reader, 1)).start()
