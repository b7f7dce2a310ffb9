# tries: to start threads without end
# layer: rlimits
import threading
import time

started = 0
try:
    while started < 500:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        started += 1
except RuntimeError:
    pass
if started >= 64:
    print("BREACH: started", started)
