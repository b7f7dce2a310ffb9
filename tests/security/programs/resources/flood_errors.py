# tries: to flood its error output
# layer: runner
# outcome: output
# limit: output_kb
# limits: output_kb=16
import os

for _ in range(1000):
    os.write(2, b"x" * 65536)
print("BREACH: wrote 64 MiB")
