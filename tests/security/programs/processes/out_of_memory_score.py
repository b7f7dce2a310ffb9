# tries: to have others ended before itself when memory is short
# layer: caps-dropped
import os

with open("/proc/self/oom_score_adj", encoding="ascii") as file:
    score = int(file.read())
if score != 1000:
    print("BREACH: its score is", score)
for value in ("-1000", "0", "999"):
    try:
        descriptor = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        os.write(descriptor, value.encode())
        print("BREACH: set its score to", value)
    except OSError:
        pass
